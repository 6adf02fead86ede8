package fedllm.runtime.bundle;

import fedllm.api.error.Refused;
import fedllm.format.Ed25519;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/**
 * The bundles that a node's administrator lets run, a rule a line: {@code NAME [VERSIONS]
 * [sha256=HEX] [key=KEY]}, or {@code shipped} for those that came with the product. A name may end
 * in {@code *}; without a hash or a publisher's key it proves nothing and is refused.
 */
public final class ApprovedList {

  /** The word that stands for what came with the product. */
  public static final String SHIPPED = "shipped";

  private final String source;
  private final List<Rule> rules = new ArrayList<>();

  /** Null where anything will do. */
  private record Rule(String where, String name, VersionRange versions, String sha256, String key) {

    /** Whether the bytes are those, or by whom, the rule says. */
    boolean trusts(PluginBundle bundle) {
      return (sha256 == null || sha256.equals(bundle.sha256()))
          && (key == null || bundle.seal() != null && key.equals(bundle.seal().key()));
    }

    boolean names(PluginBundle.Identity identity) {
      boolean named =
          name.endsWith("*")
              ? identity.name().startsWith(name.substring(0, name.length() - 1))
              : identity.name().equals(name);
      return named && (versions == null || versions.includes(identity.version()));
    }
  }

  private ApprovedList(String source) {
    this.source = source;
  }

  /**
   * Reads a list.
   *
   * @param source what to call it in messages
   * @param shipped the list of what came with the product, for the word {@code shipped}
   * @throws Refused with the line that is wrong
   */
  public static ApprovedList read(String text, String source, ApprovedList shipped) {
    ApprovedList list = new ApprovedList(source);
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String said = line.replaceFirst("(^|\\s)#.*", "").strip();
      if (said.equals(SHIPPED)) {
        list.rules.addAll(shipped.rules);
      } else if (!said.isEmpty()) {
        list.rules.add(rule(source + ":" + number, said.split("\\s+")));
      }
    }
    return list;
  }

  /** A list that approves nothing. */
  public static ApprovedList nothing(String source) {
    return new ApprovedList(source);
  }

  /** The rule that approves this bundle alone: by its publisher where it is signed. */
  public static String ruleFor(PluginBundle bundle) {
    PluginBundle.Identity is = bundle.identity();
    return bundle.seal() == null
        ? is + " sha256=" + bundle.sha256()
        : is + " key=" + bundle.seal().key();
  }

  private static Rule rule(String where, String... words) {
    VersionRange versions = null;
    String sha256 = null;
    String key = null;
    for (int i = 1; i < words.length; i++) {
      String word = words[i];
      try {
        if (word.startsWith("sha256=")) {
          sha256 = hash(word.substring("sha256=".length()));
        } else if (word.startsWith("key=")) {
          key = Ed25519.text(Ed25519.publicKey(word.substring("key=".length())));
        } else if (versions == null) {
          versions = versions(word);
        } else {
          throw new IllegalArgumentException(word + " is neither sha256=HEX nor key=KEY");
        }
      } catch (IllegalArgumentException e) {
        throw new Refused(where + ": " + e.getMessage(), e);
      }
    }
    if (sha256 == null && key == null) {
      throw new Refused(
          where
              + ": a name proves nothing; add sha256=HEX, or key=KEY of who signs it"
              + " (fedllm approve JAR writes the line)");
    }
    return new Rule(where, words[0], versions, sha256, key);
  }

  private static String hash(String hex) {
    String lower = hex.toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(hex + " is no SHA-256 of 64 hexadecimal digits");
    }
    return lower;
  }

  /** OSGi's ranges; a bare version is that one alone, which OSGi would take for a beginning. */
  private static VersionRange versions(String word) {
    if (word.startsWith("[") || word.startsWith("(")) {
      return new VersionRange(word);
    }
    Version only = Version.parseVersion(word);
    return new VersionRange(VersionRange.LEFT_CLOSED, only, only, VersionRange.RIGHT_CLOSED);
  }

  /**
   * Where the rule stands that lets a bundle run.
   *
   * @throws Refused when none does; says why, and repeats no path of this machine
   */
  String approves(PluginBundle bundle) {
    if (bundle.seal() != null && !bundle.seal().fits(bundle.bytes())) {
      throw new Refused("its signature does not fit its bytes; they were changed after signing");
    }
    List<Rule> trusting = rules.stream().filter(rule -> rule.trusts(bundle)).toList();
    if (trusting.isEmpty()) {
      throw new Refused(
          "no line of the approved list has its SHA-256 "
              + bundle.sha256()
              + (bundle.seal() == null
                  ? ", and nobody signed it"
                  : " or the key that signed it, " + bundle.seal().key()));
    }
    PluginBundle.Identity identity = bundle.identity();
    return trusting.stream()
        .filter(rule -> rule.names(identity))
        .findFirst()
        .map(Rule::where)
        .orElseThrow(
            () ->
                new Refused(
                    "the approved list has its "
                        + (trusting.get(0).key() == null ? "SHA-256" : "publisher's key")
                        + ", but not for "
                        + identity));
  }

  @Override
  public String toString() {
    return source + ", " + rules.size() + " rules";
  }
}
