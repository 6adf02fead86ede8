package fedllm.runtime.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import fedllm.api.transport.Transport;
import fedllm.runtime.bundle.PluginBundle;
import java.util.Objects;
import java.util.regex.Pattern;
import org.osgi.framework.Version;

/**
 * What the topic of bundles says beside their pieces. The latest about a name and version counts. A
 * notice that lacks something, or whose name is fit for no file, cannot be made.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "notice")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Notice.Published.class, name = "published"),
  @JsonSubTypes.Type(value = Notice.Withdrawn.class, name = "withdrawn")
})
public sealed interface Notice {

  /** The bundle's symbolic name. */
  String name();

  /** Its version. */
  String version();

  /** Who did it. */
  String by();

  /** When, since 1970. */
  long atMs();

  /** What it is about. */
  default String bundle() {
    return name() + " " + version();
  }

  /**
   * A bundle is there.
   *
   * @param offset of its first piece, in the same topic; the others follow before this notice
   * @param signature the line of the file beside it, or empty
   */
  record Published(
      String name,
      String version,
      String sha256,
      long bytes,
      int chunks,
      long offset,
      String signature,
      String by,
      long atMs)
      implements Notice {
    public Published {
      Names.check(name, version);
      if (!Names.SHA256.matcher(sha256).matches()
          || bytes <= 0
          || bytes > PluginBundle.MAX_BYTES
          || chunks != (bytes + Transport.CHUNK_BYTES - 1) / Transport.CHUNK_BYTES) {
        throw new IllegalArgumentException("a bundle of impossible size or hash");
      }
      Objects.requireNonNull(signature);
      Objects.requireNonNull(by);
    }
  }

  /** A bundle is taken back. */
  record Withdrawn(String name, String version, String by, long atMs) implements Notice {
    public Withdrawn {
      Names.check(name, version);
      Objects.requireNonNull(by);
    }
  }

  /** What names may be: they become those of files. */
  final class Names {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private Names() {}

    static void check(String name, String version) {
      if (!NAME.matcher(name).matches()
          || !NAME.matcher(version).matches()
          || !Version.parseVersion(version).toString().equals(version)) {
        throw new IllegalArgumentException("a bundle whose name or version is fit for no file");
      }
    }
  }
}
