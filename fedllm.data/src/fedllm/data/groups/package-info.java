/** Parts by natural groups. */
package fedllm.data.groups;
