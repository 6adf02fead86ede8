/** FedAsync: an update mixed in, the less the later it is. */
package fedllm.strategies.fedasync;
