/**
 * What the data sources share: strict text files and streams of rows. Each bundle carries its own
 * copy.
 */
package fedllm.data.file;
