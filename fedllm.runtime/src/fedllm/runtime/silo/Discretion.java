package fedllm.runtime.silo;

import fedllm.api.error.Refused;
import fedllm.runtime.job.Yaml;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of a reason what only the silo's own people should read: the names of its files and
 * folders, and what its silo.yaml says. Its log has the reason in full. Immutable.
 */
final class Discretion {

  /** A path of this machine that nobody foresaw. */
  private static final Pattern PATH = Pattern.compile("(?<=^|[\\s(\\[\"'=])/[^\\s:,;)\\]\"']+");

  private final String source;

  /** What to say in the place of a name, longest names first. */
  private final Map<Pattern, String> names = new LinkedHashMap<>();

  Discretion(SiloConfig config) {
    source = config.source();
    Map<String, String> all = new LinkedHashMap<>();
    config.bases().forEach((name, path) -> paths(path.toString(), "the base " + name, all));
    config.data().forEach((name, set) -> files(name, set, all));
    all.keySet().stream()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .forEach(name -> names.put(whole(name), all.get(name)));
  }

  /** The name where it is no part of a longer word. */
  private static Pattern whole(String name) {
    return Pattern.compile("(?<![\\w.-])" + Pattern.quote(name) + "(?![\\w-])");
  }

  private static void files(String data, Yaml set, Map<String, String> all) {
    try {
      List<Yaml.Item> items = set.items("files");
      for (int i = 0; i < items.size(); i++) {
        Yaml file = items.get(i).mapping();
        String called = "data " + data + ", file " + (i + 1);
        file(file, "path", called, all);
        file(file, "heldOut", called + " (held out)", all);
        words(file, "partition", all);
        words(file, "options", all);
      }
    } catch (Refused e) {
      return; // the silo will sit out for that, in words that do not leave either
    }
  }

  /** What it says of a plugin's options, such as the name of a field; not which plugin it is. */
  private static void words(Yaml entry, String key, Map<String, String> all) {
    if (entry.has(key) && entry.item(key).word() == null) {
      entry
          .mapping(key)
          .values()
          .forEach(
              (option, value) -> {
                if (!option.equals("name") && value instanceof String word && !word.isBlank()) {
                  all.putIfAbsent(word, "(as its silo.yaml says)");
                }
              });
    }
  }

  private static void file(Yaml entry, String key, String called, Map<String, String> all) {
    String said = entry.has(key) ? entry.item(key).word() : null;
    if (said != null && !said.matches("[0-9.]*")) {
      paths(said, called, all);
      int slash = said.lastIndexOf('/');
      all.putIfAbsent(said.substring(slash + 1), called);
      if (slash > 0) {
        all.putIfAbsent(said.substring(0, slash), "a folder of " + called.split(",", 2)[0]);
      }
    }
  }

  private static void paths(String said, String called, Map<String, String> all) {
    all.putIfAbsent(said, called);
    if (said.indexOf('\0') < 0) {
      Path absolute = Path.of(said).toAbsolutePath();
      all.putIfAbsent(absolute.toString(), called);
      all.putIfAbsent(absolute.normalize().toString(), called);
    }
  }

  /** What may leave the silo of a reason. */
  String outward(String reason) {
    if (reason.startsWith(source + ":")) {
      String line = reason.substring(source.length() + 1).replaceFirst("(?s)[^0-9].*", "");
      return "line " + line + " of its silo.yaml is wrong; see the silo's log";
    }
    String said = reason;
    for (Map.Entry<Pattern, String> name : names.entrySet()) {
      said = name.getKey().matcher(said).replaceAll(Matcher.quoteReplacement(name.getValue()));
    }
    return PATH.matcher(said).replaceAll("(a path of its own)");
  }
}
