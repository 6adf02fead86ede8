/** What {@code ./fedllm acl} may be told. */
package fedllm.cli.access;
