/** Papers as recipes: what each composes, what it claims, and what of that is measured here. */
package fedllm.recipe;
