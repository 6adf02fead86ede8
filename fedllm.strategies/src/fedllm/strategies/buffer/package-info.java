/** The course that protocols share whose updates count whenever they come. */
package fedllm.strategies.buffer;
