/** How long rounds take, against the least that they could take on the same machine. */
package fedllm.bench.rounds;
