/** Parts with skewed labels. */
package fedllm.data.dirichlet;
