/** FedAdam: Adam on the server. */
package fedllm.strategies.fedadam;
