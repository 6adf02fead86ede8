/**
 * The part of Jinja in which chat templates are written, with Hugging Face's settings; reads no
 * file, calls no Java, and does bounded work.
 */
package fedllm.learning.jinja;
