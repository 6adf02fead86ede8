/** What the sources of conversations share. Each bundle carries its own copy. */
package fedllm.data.talk;
