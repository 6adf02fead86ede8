/** What it costs to carry bytes, by the kind of connection. */
package fedllm.bench.transport;
