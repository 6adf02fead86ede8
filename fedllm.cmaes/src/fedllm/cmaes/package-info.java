/** Evolution by covariance matrix adaptation: asked for solutions, told how good they are. */
package fedllm.cmaes;
