/** FedYogi: Yogi on the server. */
package fedllm.strategies.fedyogi;
