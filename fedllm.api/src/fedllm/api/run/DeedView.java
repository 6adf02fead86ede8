package fedllm.api.run;

/**
 * What somebody did to a federation, for the audit trail. Nothing in it is secret.
 *
 * @param atMs when, since 1970
 * @param who a person as the operating system knows them, or the node itself
 * @param node where
 * @param what {@code submit}, {@code pause}, {@code publish}, ...
 * @param run the run that it was done to, or empty
 * @param detail what else, in words
 */
public record DeedView(
    long atMs, String who, String node, String what, String run, String detail) {}
