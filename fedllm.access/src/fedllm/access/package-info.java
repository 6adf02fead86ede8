/** What an operator tells a cluster about a federation: rights and topics. */
package fedllm.access;
