/** The strategy that counts votes. */
package fedllm.strategies.majority;
