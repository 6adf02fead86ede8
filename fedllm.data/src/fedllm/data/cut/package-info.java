/** What the partitioners share. Each bundle carries its own copy. */
package fedllm.data.cut;
