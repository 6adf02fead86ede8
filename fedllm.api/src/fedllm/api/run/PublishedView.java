package fedllm.api.run;

import java.util.Map;

/**
 * A bundle that was published to all nodes of a federation.
 *
 * @param name its symbolic name
 * @param version its version
 * @param sha256 of its bytes
 * @param signedBy the public key that signed it, or empty
 * @param by who published it, or withdrew it
 * @param atMs when, since 1970
 * @param withdrawn whether it was taken back since
 * @param where how it stands, by node, in words: {@code runs}, {@code refused: ...}, ...
 */
public record PublishedView(
    String name,
    String version,
    String sha256,
    String signedBy,
    String by,
    long atMs,
    boolean withdrawn,
    Map<String, String> where) {}
