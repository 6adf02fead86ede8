/** Masked language modelling. */
package fedllm.trainers.maskedlm;
