package fedllm.itest;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Data sets of two silos, good ones and broken ones, with sentences that nobody else may see. */
final class Planted {

  /** Long words, one set a silo: shorter ones come about by chance. */
  private static final Map<String, String> SECRETS =
      Map.of(
          "north", "Northernmost Zbigniewquux embezzledthrice harbourmasterly",
          "south", "Southernmost Quetzalfishing malpracticed orthopaedically");

  static final Set<String> SILOS = SECRETS.keySet();

  /** By name of the data set: what north has, what south has, and what may be said of south's. */
  record Case(String north, String south, String says) {}

  private final Map<String, Case> cases = new LinkedHashMap<>();
  private final Path folder;

  /** Lays the files into a folder. */
  Planted(Path folder) {
    this.folder = folder;
    lay();
  }

  /** By name of the data set. */
  Map<String, Case> cases() {
    return cases;
  }

  private static String row(String silo) {
    return "{\"question\":\"Who is it?\",\"answer\":\"" + SECRETS.get(silo) + "\"}\n";
  }

  /** Some that differ, of which a share may be held out. */
  private static String rows(String silo, String asks) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      rows.append(row(silo).replace("Who is it", asks + " is number " + i));
    }
    return rows.toString();
  }

  /** A folder and files whose names are secrets, too. */
  private Path data(String silo, String name, byte[] content) {
    String secret = SECRETS.get(silo);
    try {
      Path home = Files.createDirectories(folder.resolve("data of " + secret));
      Path file = home.resolve(secret.split(" ")[1] + "-" + name);
      Files.write(file, content);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path data(String silo, String name, String text) {
    return data(silo, name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String file(Path path, String more) {
    return "{ path: \"" + path + "\"" + more + " }";
  }

  private void lay() {
    String question = ", template: question";
    Path north = data("north", "good.jsonl", rows("north", "Who"));
    Path kept = data("south", "kept.jsonl", rows("south", "Where"));
    String good = file(north, question + ", heldOut: 0.3");
    String secret = SECRETS.get("south");
    String row = row("south");
    cases.put(
        "good",
        new Case(
            good,
            file(
                data("south", "good.jsonl", rows("south", "Who")),
                question + ", heldOut: \"" + kept + "\""),
            null));
    cases.put(
        "broken",
        new Case(
            good,
            file(
                data("south", "broken.jsonl", row + "{\"question\": \"" + secret + "\n" + row),
                question),
            "data broken, file 1:2: broken JSON"));
    cases.put(
        "prose",
        new Case(
            good, file(data("south", "prose.jsonl", row + secret + "\n"), question), "file 1:2: "));
    cases.put(
        "few",
        new Case(
            good,
            file(data("south", "few.csv", "question,answer\nWho?,x\n" + secret + "\n"), question),
            "file 1:3: the row has 1 values"));
    cases.put(
        "quoted",
        new Case(
            good,
            file(data("south", "quoted.csv", "question,answer\nWho?,\"" + secret), question),
            "file 1:2: broken CSV"));
    cases.put(
        "headless",
        new Case(
            good,
            file(data("south", "headless.csv", secret.replace(' ', ',') + "\na,b,c,d\n"), question),
            "add the header"));
    cases.put(
        "latin",
        new Case(
            good,
            file(
                data(
                    "south",
                    "latin.jsonl",
                    row.replace("Who", "Où").getBytes(StandardCharsets.ISO_8859_1)),
                question),
            "not UTF-8"));
    cases.put(
        "zipped",
        new Case(
            good, file(data("south", "zipped.jsonl.gz", row), question), "data zipped, file 1"));
    cases.put(
        "columns",
        new Case(
            good,
            file(data("south", "columns.parquet", row.repeat(9)), question),
            "cannot be read as Parquet"));
    cases.put(
        "listed",
        new Case(
            good,
            file(data("south", "listed.json", "[{\"question\": " + secret + "}]"), question),
            "broken JSON"));
    cases.put(
        "talks",
        new Case(
            good,
            file(
                data(
                    "south",
                    "talks.jsonl",
                    "{\"conversations\":[{\"from\":\"" + secret + "\",\"value\":\"x\"}]}\n"),
                ", format: sharegpt"),
            "turn 1 is from nobody"));
    cases.put(
        "absent",
        new Case(
            good,
            file(folder.resolve("data of " + secret).resolve(secret + ".jsonl"), question),
            "data absent, file 1: there is no such file"));
    cases.put(
        "forms",
        new Case(
            good,
            file(data("south", "forms.jsonl", row), ", template: \"" + secret + "\""),
            "of its silo.yaml is wrong"));
    cases.put(
        "parts",
        new Case(
            good,
            file(
                data("south", "parts.jsonl", row),
                question
                    + ", part: 1, of: 2, partition: { name: dirichlet, by: "
                    + secret.split(" ")[2]
                    + " }"),
            "data parts, file 1:1: the partition goes by the field"));
    cases.put(
        "kept",
        new Case(
            good,
            file(
                data("south", "kept-well.jsonl", row),
                question
                    + ", heldOut: \""
                    + data("south", "torn.jsonl", row + "{" + secret)
                    + "\""),
            "data kept, file 1 (held out):2: "));
  }

  /** A silo.yaml with all of the data sets. */
  String yaml(String silo) {
    StringBuilder yaml =
        new StringBuilder(
            "bases:\n  model: "
                + Workspace.here().root().resolve("launch/demo/model")
                + "\ndata:\n");
    cases.forEach(
        (name, c) ->
            yaml.append("  " + name + ":\n    files:\n      - ")
                .append((silo.equals("north") ? c.north() : c.south()) + "\n"));
    return yaml.toString();
  }

  static List<String> words() {
    return SECRETS.keySet().stream().flatMap(silo -> words(silo).stream()).toList();
  }

  static List<String> words(String silo) {
    return List.of(SECRETS.get(silo).split(" "));
  }
}
