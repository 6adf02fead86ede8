/** Folds adapters into their models, behind {@code ./fedllm merge}. */
package fedllm.merge;
