/** The kill matrix: every part of a federation dies in every phase of a round. */
package fedllm.chaos;
