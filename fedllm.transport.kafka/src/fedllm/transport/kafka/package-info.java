/** The transport over Kafka topics, and all that knows Kafka's client. */
package fedllm.transport.kafka;
