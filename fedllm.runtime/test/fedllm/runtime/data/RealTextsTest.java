package fedllm.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.data.Data;
import fedllm.api.data.DataSource;
import fedllm.api.data.Example;
import fedllm.api.plugin.Choice;
import fedllm.data.alpaca.Alpaca;
import fedllm.data.csv.Csv;
import fedllm.data.jsonl.Jsonl;
import fedllm.testkit.TestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The templates of the house on the texts that they were made for, with the real data sources. */
class RealTextsTest {

  private static final String FOLDER =
      System.getenv().getOrDefault("FEDLLM_DATA", "../../shared/data");
  private static final Map<String, DataSource> SOURCES =
      Map.of("jsonl", new Jsonl(), "alpaca", new Alpaca(), "csv", new Csv());

  @ParameterizedTest
  @CsvSource({
    "banking77/train.csv, intent, 10003, 'Customer: ', card_arrival",
    "pubmedqa/ori_pqal.json, pubmed, 1000, 'Context: ', yes. ",
    "pubmedqa/ori_pqal.json, pubmed-closed-book, 1000, 'Question: ', yes. ",
    "gsm8k/train.jsonl, question, 7473, 'Question: ', #### 72",
    "gpteacher/codegen-instruct.json, alpaca, 4535, '### Instruction:\n', #include",
    "self-instruct/seed_tasks.jsonl, alpaca, 175, '### Instruction:\n', protein shake"
  })
  void fillEveryRow(String file, String template, int rows, String prompt, String firstAnswer) {
    List<Example.Text> texts = texts(data(spec(file, template, "0", 0)).train());
    assertEquals(rows, texts.size());
    assertTrue(texts.get(0).answer().contains(firstAnswer), file);
    assertTrue(texts.stream().allMatch(text -> text.prompt().startsWith(prompt)), file);
  }

  @Test
  void writeAnInputOnlyWhereThereIsOne() {
    List<Example.Text> texts =
        texts(data(spec("gpteacher/codegen-instruct.json", "alpaca", "0", 0)).train());
    long without = texts.stream().filter(text -> !text.prompt().contains("### Input:")).count();
    assertEquals(955, without);
  }

  @Test
  void keepTheHeldOutTextsOfFourDomainsApart() {
    Data pooled =
        data(
            spec("banking77/train.csv", "intent", "0.12", 500),
            spec("pubmedqa/ori_pqal.json", "pubmed-closed-book", "0.12", 500),
            spec("gsm8k/train.jsonl", "question", "0.12", 500),
            spec("gpteacher/codegen-instruct.json", "alpaca", "0.12", 500));
    Set<Example.Text> both = new HashSet<>(texts(pooled.train()));
    assertEquals(1750, both.size(), 40);
    List<Example.Text> heldOut = texts(pooled.heldOut());
    assertEquals(250, heldOut.size(), 40);
    both.retainAll(heldOut);
    assertEquals(Set.of(), both);
  }

  private static FileSpec spec(String file, String template, String heldOut, long limit) {
    Path path = Path.of(FOLDER, file);
    assumeTrue(Files.exists(path), "no " + file + " in " + FOLDER);
    return new FileSpec(
        path, "", Map.of(), Templates.ofTheHouse().get(template), HeldOut.parse(heldOut, 0), limit);
  }

  private static Data data(FileSpec... files) {
    return new FileData(
        new DataSpec("real", List.of(files)),
        new Tools() {
          @Override
          public <K> Choice<K> choose(Class<K> contract, String name, Map<String, Object> options) {
            return new Choice<>(contract.cast(SOURCES.get(name)), TestOptions.none());
          }
        });
  }

  private static List<Example.Text> texts(Stream<Example> examples) {
    try (examples) {
      return examples.map(Example.Text.class::cast).toList();
    }
  }
}
