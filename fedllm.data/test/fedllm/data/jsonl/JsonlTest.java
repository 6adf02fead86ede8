package fedllm.data.jsonl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import fedllm.data.file.Given;
import fedllm.testkit.DataSourceContract;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonlTest implements DataSourceContract {

  @TempDir Path folder;

  @Override
  public DataSource source() {
    return new Jsonl();
  }

  @Override
  public String name() {
    return "rows.jsonl";
  }

  @Override
  public String record(int number) {
    return "{\"a\":\"secret " + number + "\"}\n";
  }

  @Override
  public String broken() {
    return "{\"a\": secret}";
  }

  @Test
  void readsOneObjectFromEachLineAndSkipsBlankOnes() throws IOException {
    List<Row> rows =
        rows("{\"a\":\"x\",\"n\":7,\"t\":true,\"z\":null}\n\n  \n{\"a\":\"\\u00e9\\n\"}");
    assertEquals(
        List.of(
            new Row(1, Map.of("a", "x", "n", "7", "t", "true", "z", "")),
            new Row(4, Map.of("a", "é\n"))),
        rows);
  }

  @Test
  void flattensObjectsAndJoinsLists() throws IOException {
    List<Row> rows =
        rows(
            "{\"o\":{\"p\":{\"q\":\"deep\"}},\"l\":[\"a\",\"b\"],\"m\":[{\"i\":1},{\"i\":2}],\"e\":[]}");
    assertEquals(
        Map.of("o.p.q", "deep", "l", "a\nb", "m.0.i", "1", "m.1.i", "2", "e", ""),
        rows.get(0).fields());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"secret\": \"patient\"",
        "{\"secret\": patient}",
        "patient secret",
        "[\"patient\", \"secret\"]",
        "\"patient secret\"",
        "{\"patient\": \"secret\"} secret",
        "{\"patient\": \"secret\", \"patient\": \"secret\"}",
        "{\"secret\": \"pat\tient\"}",
      })
  void namesTheBrokenLineAndRepeatsNothingOfIt(String broken) throws IOException {
    String text = "{\"a\":\"fine\"}\n{\"a\":\"fine\"}\n" + broken + "\n{\"a\":\"fine\"}\n";
    SitsOut error = assertThrows(SitsOut.class, () -> rows(text));
    assertTrue(error.getMessage().startsWith("data.jsonl:3: "), error.getMessage());
    assertFalse(error.getMessage().contains("patient"), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
    assertNull(error.getCause(), "a cause's message would repeat the text");
  }

  @Test
  void namesTheLineThatIsMoreThanAParserTakes() throws IOException {
    String name = "{\"" + "secret".repeat(10_000) + "\":1}";
    String number = "{\"a\":" + "9".repeat(2000) + "}";
    String nested = "{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}";
    for (String line : List.of(name, number, nested)) {
      namesTheBrokenLineAndRepeatsNothingOfIt(line);
    }
  }

  @Test
  void givesTheRowsBeforeABrokenLine() throws IOException {
    Path file = Given.file(folder, "data.jsonl", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n{");
    try (Stream<Row> rows = new Jsonl().read(TestOptions.none(), file)) {
      Iterator<Row> each = rows.iterator();
      assertEquals("1", each.next().fields().get("a"));
      assertEquals("2", each.next().fields().get("a"));
      assertThrows(SitsOut.class, each::next);
    }
  }

  @Test
  void readsRealQuestions() {
    try (Stream<Row> rows = new Jsonl().read(TestOptions.none(), Given.real("gsm8k/train.jsonl"))) {
      List<Row> all = rows.toList();
      assertEquals(7473, all.size());
      Row last = all.get(all.size() - 1);
      assertEquals(7473, last.line());
      assertTrue(last.fields().get("answer").contains("#### "));
    }
  }

  @Test
  void readsRealInstructionsInsideInstances() {
    Path file = Given.real("self-instruct/seed_tasks.jsonl");
    try (Stream<Row> rows = new Jsonl().read(TestOptions.none(), file)) {
      List<Row> all = rows.toList();
      assertEquals(175, all.size());
      assertTrue(all.stream().allMatch(row -> row.fields().containsKey("instances.0.output")));
    }
  }

  private List<Row> rows(String text) throws IOException {
    Path file = Given.file(folder, "data.jsonl", text);
    try (Stream<Row> rows = new Jsonl().read(TestOptions.none(), file)) {
      return rows.toList();
    }
  }
}
