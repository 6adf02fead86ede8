package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Silos with a bad base model or bad data train with the real plugins, beside one that is well. */
@Timeout(120)
class BadSiloTest {

  /** Nobody but the silo that has it may ever read this. */
  private static final String SECRET = "Zbigniew Quux owes a fortune to the harbourmaster";

  private static final String ROW = "{\"question\":\"Who is it?\",\"answer\":\"" + SECRET + "\"}\n";

  private static final String JOB =
      """
      base: model
      peft: { name: lora, rank: 2 }
      trainer: { name: adamw, steps: 2, batch: 2, sequence: 32 }
      strategy: fedavg
      codecs: { up: [ int8, zstd ] }
      protocol: { name: synchronous, rounds: 2 }
      """;

  @TempDir private Path folder;
  private Path model;
  private Path texts;

  @BeforeEach
  void lay() throws IOException {
    model = Workspace.here().root().resolve("launch/demo/model");
    texts = folder.resolve("texts.jsonl");
    Files.writeString(texts, ROW.repeat(4));
  }

  private static String yaml(Path base, String file) {
    return """
    bases:
      model: %s
    data:
      data:
        files:
          - %s
    """
        .formatted(base, file);
  }

  private static String file(Path path, String template) {
    return "{ path: " + path + ", template: " + template + " }";
  }

  /** Each silo says its reason, in a message that names what is wrong. */
  private RunView outcome(Map<String, String> yamls, boolean completes) throws Exception {
    try (PlainFederation federation = new PlainFederation(folder.resolve("federation"), true)) {
      for (Map.Entry<String, String> silo : yamls.entrySet()) {
        federation.silo(silo.getKey(), silo.getValue());
      }
      federation.awaitSilos(yamls.size());
      RunView run = federation.outcome(JOB);
      String heard = String.join("\n", federation.overheard());
      assertTrue(heard.contains("\"manifest\"") || run.state() == RunState.FAILED, "all is heard");
      for (String part : SECRET.split(" ")) {
        if (part.length() > 6) { // shorter ones come about by chance, in hashes for one
          assertFalse(heard.contains(part), part + " left its silo");
          assertFalse((run + "" + federation.console().silos()).contains(part), part + " is shown");
        }
      }
      if (completes) {
        assertEquals(RunState.COMPLETED, run.state(), run.says());
        assertEquals(3, run.rounds().size());
      }
      return run;
    }
  }

  private static void assertReasons(RunView run, Map<String, List<String>> reasons) {
    for (RoundView round : run.rounds().subList(1, run.rounds().size())) {
      assertEquals(reasons.keySet(), round.absent().keySet());
    }
    reasons.forEach(
        (silo, words) -> {
          String reason = PlainFederation.reason(run, silo);
          assertEquals(1, reason.lines().count(), reason);
          for (String word : words) {
            assertTrue(reason.contains(word), silo + ": " + reason + " lacks " + word);
          }
        });
  }

  private Path data(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aSiloWithBadDataSitsOutWithFileAndLineAndTellsNothingOfItsText() throws Exception {
    Map<String, String> yamls = new TreeMap<>();
    Map<String, List<String>> reasons = new TreeMap<>();
    yamls.put("good", yaml(model, file(texts, "question")));

    yamls.put("absent", yaml(model, file(folder.resolve("nothing.jsonl"), "question")));
    reasons.put("absent", List.of("nothing.jsonl: there is no such file"));

    Path broken = data("broken.jsonl", ROW + ROW + "{\"question\": \"" + SECRET + "\n" + ROW);
    yamls.put("broken", yaml(model, file(broken, "question")));
    reasons.put("broken", List.of("broken.jsonl:3: broken JSON"));

    Path nojson = data("prose.jsonl", ROW + SECRET + "\n");
    yamls.put("prose", yaml(model, file(nojson, "question")));
    reasons.put("prose", List.of("prose.jsonl:2: "));

    Path few = data("few.csv", "question,answer\nWho?,x\n" + SECRET + "\n");
    yamls.put("few", yaml(model, file(few, "question")));
    reasons.put("few", List.of("few.csv:3: the row has 1 values, the header has 2"));

    Path headless = data("headless.csv", "Zbigniew,harbourmaster\n" + SECRET + ",x\n");
    yamls.put("headless", yaml(model, file(headless, "question")));
    reasons.put("headless", List.of("headless.csv:2: ", "add the header if it is missing"));

    Path latin = folder.resolve("latin.jsonl");
    Files.write(latin, (ROW + ROW.replace("Who", "Où")).getBytes(StandardCharsets.ISO_8859_1));
    yamls.put("latin", yaml(model, file(latin, "question")));
    reasons.put("latin", List.of("latin.jsonl:2: the text is not UTF-8"));

    yamls.put("empty", yaml(model, file(data("empty.jsonl", ""), "question")));
    reasons.put("empty", List.of("empty.jsonl", "there is no example to learn from"));

    yamls.put("bare", yaml(model, file(data("bare.csv", ""), "question")));
    reasons.put("bare", List.of("bare.csv:1: the file is empty"));

    Path other = data("other.jsonl", "{\"title\":\"x\",\"secret\":\"" + SECRET + "\"}\n");
    yamls.put("fieldless", yaml(model, file(other, "question")));
    reasons.put("fieldless", List.of("other.jsonl:1: template question asks for the field {"));

    yamls.put("untemplated", yaml(model, file(texts, "qestion")));
    reasons.put("untemplated", List.of("silo.yaml:6: no template is called qestion", "question"));

    yamls.put("unformatted", yaml(model, "{ path: " + texts + ", format: jsonll }"));
    reasons.put(
        "unformatted", List.of("silo.yaml:6: no data is called jsonll", "did you mean jsonl?"));

    yamls.put("misoptioned", yaml(model, "{ path: " + few + ", options: { separator: '#' } }"));
    reasons.put("misoptioned", List.of("silo.yaml:6: data csv: separator is #", "one of"));

    yamls.put("misspelt", yaml(model, "{ pth: " + texts + " }"));
    reasons.put("misspelt", List.of("silo.yaml:6: no key is called pth", "did you mean path?"));

    yamls.put("dataless", "bases: { model: " + model + " }\n");
    reasons.put("dataless", List.of("the data data is not here", "under data: in its silo.yaml"));

    RunView run = outcome(yamls, true);
    assertReasons(run, reasons);
    assertEquals(List.of("good"), run.rounds().get(2).members());
  }

  private String part(String keys) {
    return "{ path: " + texts + ", template: question, " + keys + " }";
  }

  @Test
  void aSiloWhosePartOfAFileIsWrongSitsOutWithFileAndLine() throws Exception {
    Map<String, String> yamls = new TreeMap<>();
    Map<String, List<String>> reasons = new TreeMap<>();
    yamls.put("good", yaml(model, part("part: 2, of: 2, partition: iid")));

    yamls.put("beyond", yaml(model, part("part: 3, of: 2, partition: iid")));
    reasons.put("beyond", List.of("silo.yaml:6: there is no part 3 of 2"));

    yamls.put("uncut", yaml(model, part("part: 1, of: 2")));
    reasons.put("uncut", List.of("silo.yaml:6: the key partition is missing"));

    yamls.put("misspelt", yaml(model, part("part: 1, of: 2, partition: idd")));
    reasons.put("misspelt", List.of("silo.yaml:6: no data is called idd", "did you mean iid?"));

    yamls.put("source", yaml(model, part("part: 1, of: 2, partition: csv")));
    reasons.put("source", List.of("data csv is no Partitioner"));

    yamls.put("byless", yaml(model, part("part: 1, of: 2, partition: { name: dirichlet }")));
    reasons.put("byless", List.of("silo.yaml:6: data dirichlet needs the option by"));

    String dirichlet = "part: 1, of: 2, partition: { name: dirichlet, by: who, alpha: %s }";
    yamls.put("alpha", yaml(model, part(dirichlet.formatted("0"))));
    reasons.put("alpha", List.of("silo.yaml:6: data dirichlet: alpha is 0", "above 0"));

    yamls.put("labelless", yaml(model, part(dirichlet.formatted("1"))));
    reasons.put("labelless", List.of("texts.jsonl:1: the partition goes by the field who"));

    yamls.put("partless", yaml(model, part("part: 9, of: 9, partition: { name: iid, seed: 3 }")));
    reasons.put(
        "partless",
        List.of("texts.jsonl (part 9 of 9 by iid)", "no example to learn from", "another seed"));

    RunView run = outcome(yamls, true);
    assertReasons(run, reasons);
  }

  @Test
  void aSiloWithConversationsTrains() throws Exception {
    String talk =
        """
        {"conversations": [{"from": "human", "value": "Who?"}, {"from": "gpt", "value": "%s"}]}
        """
            .formatted(SECRET);
    Path talks = data("talks.jsonl", talk.repeat(4));
    Path nobody = data("nobody.jsonl", talk + talk.replace("gpt", SECRET));
    Map<String, String> yamls = new TreeMap<>();
    yamls.put("good", yaml(model, "{ path: " + talks + ", format: sharegpt }"));
    yamls.put("nobody", yaml(model, "{ path: " + nobody + ", format: sharegpt }"));
    RunView run = outcome(yamls, true);
    assertReasons(run, Map.of("nobody", List.of("nobody.jsonl:2: turn 2 is from nobody")));
    assertEquals(List.of("good"), run.rounds().get(2).members());
  }

  private Path copy(String name) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name));
    try (var files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  /** Every way in which a base can be bad that says so by itself. */
  private void badBases(Map<String, String> yamls, Map<String, List<String>> reasons)
      throws IOException {
    yamls.put("a-folderless", yaml(folder.resolve("no-such-model"), file(texts, "question")));
    reasons.put("a-folderless", List.of("no-such-model: no such folder", "Hugging Face layout"));

    Path weightless = copy("weightless");
    Files.delete(weightless.resolve("model.safetensors"));
    yamls.put("a-weightless", yaml(weightless, file(texts, "question")));
    reasons.put("a-weightless", List.of("weightless: holds no *.safetensors", "convert"));

    Path truncated = copy("truncated");
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    Files.write(truncated.resolve("model.safetensors"), Arrays.copyOf(weights, 1_000_000));
    yamls.put("a-truncated", yaml(truncated, file(texts, "question")));
    reasons.put("a-truncated", List.of("truncated/model.safetensors"));

    Path foreign = copy("foreign");
    String config = Files.readString(model.resolve("config.json"));
    Files.writeString(
        foreign.resolve("config.json"),
        config.replace("\"llama\"", "\"mamba\"").replace("LlamaForCausalLM", "MambaForCausalLM"));
    yamls.put("foreign", yaml(foreign, file(texts, "question")));
    reasons.put("foreign", List.of("foreign/config.json: no model family", "mamba", "Llama"));

    Path jsonless = copy("jsonless");
    Files.writeString(jsonless.resolve("config.json"), "{ \"model_type\": ");
    yamls.put("jsonless", yaml(jsonless, file(texts, "question")));
    reasons.put("jsonless", List.of("jsonless/config.json"));

    yamls.put("baseless", "bases: {}\ndata: {}\n");
    reasons.put("baseless", List.of("the base model is not here", "under bases: in its silo.yaml"));
  }

  @Test
  void aSiloWithABadBaseSitsOutByNameAndTheOthersGoOn() throws Exception {
    Map<String, String> yamls = new TreeMap<>();
    Map<String, List<String>> reasons = new TreeMap<>();
    badBases(yamls, reasons);
    yamls.put("good", yaml(model, file(texts, "question")));
    yamls.put("good-too", yaml(copy("elsewhere"), file(texts, "question")));
    Path another = copy("another");
    byte[] weights = Files.readAllBytes(another.resolve("model.safetensors"));
    weights[weights.length - 1] ^= 1;
    Files.write(another.resolve("model.safetensors"), weights);
    yamls.put("odd", yaml(another, file(texts, "question")));
    reasons.put("odd", List.of("its base model is another model", "the run's is"));

    RunView run = outcome(yamls, true);
    assertReasons(run, reasons);
    assertEquals(List.of("good", "good-too"), run.rounds().get(2).members());
  }

  @Test
  void whereEveryBaseIsBadTheRunFailsWithEachReason() throws Exception {
    Map<String, String> yamls = new TreeMap<>();
    Map<String, List<String>> reasons = new TreeMap<>();
    badBases(yamls, reasons);
    // makes an initial state, and only then needs to read
    Path mute = copy("mute");
    Files.delete(mute.resolve("tokenizer.json"));
    yamls.put("mute", yaml(mute, file(texts, "question")));
    reasons.put("mute", List.of("mute/tokenizer.json", "put the model's file there"));

    RunView run = outcome(yamls, false);
    System.out.println(run.says());
    assertEquals(RunState.FAILED, run.state());
    reasons.forEach(
        (silo, words) -> {
          assertTrue(run.says().contains(silo + "="), run.says());
          words.forEach(word -> assertTrue(run.says().contains(word), word));
        });
  }
}
