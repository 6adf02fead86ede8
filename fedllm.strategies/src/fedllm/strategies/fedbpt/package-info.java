/** Evolution on the server, by solutions that clients tried. */
package fedllm.strategies.fedbpt;
