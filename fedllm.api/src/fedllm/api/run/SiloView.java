package fedllm.api.run;

/**
 * A silo as the server knows it.
 *
 * @param name its name
 * @param state {@code here}, or {@code lost}
 * @param lastSeenMs how long ago it was heard of
 * @param doing what it does now
 * @param host processor, cores and Java, in words
 */
public record SiloView(String name, String state, long lastSeenMs, String doing, String host) {}
