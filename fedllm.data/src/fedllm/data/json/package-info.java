/** What the sources of JSON share: objects as flat rows. Each bundle carries its own copy. */
package fedllm.data.json;
