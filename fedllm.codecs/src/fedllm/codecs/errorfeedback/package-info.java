/** Memory of what a lossy codec dropped. */
package fedllm.codecs.errorfeedback;
