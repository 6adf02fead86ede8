/** Parts of unequal size. */
package fedllm.data.powerlaw;
