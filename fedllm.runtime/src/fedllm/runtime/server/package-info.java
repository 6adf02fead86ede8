/**
 * The server: it takes jobs, asks silos, checks and folds what they learned, and records it all.
 */
package fedllm.runtime.server;
