/** A Kafka broker beside us, for one machine: a demo, a simulation, a test, a measurement. */
package fedllm.cli.broker;
