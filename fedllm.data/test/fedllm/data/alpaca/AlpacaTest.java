package fedllm.data.alpaca;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlpacaTest implements DataSourceContract {

  @TempDir Path folder;

  @Override
  public DataSource source() {
    return new Alpaca();
  }

  @Override
  public String name() {
    return "rows.json";
  }

  @Override
  public String record(int number) {
    return (number == 0 ? "[" : ",") + "{\"a\":\"secret " + number + "\"}\n";
  }

  @Override
  public String end() {
    return "]";
  }

  @Override
  public String broken() {
    return ",{\"secret\":}";
  }

  @Test
  void readsTheObjectsOfAnArray() throws IOException {
    assertEquals(
        List.of(new Row(2, Map.of("a", "x")), new Row(4, Map.of("a", "y", "b.c", "z"))),
        rows("[\n{\"a\":\"x\"},\n\n{\"a\":\"y\",\n\"b\":{\"c\":\"z\"}}\n]\n"));
  }

  @Test
  void readsTheObjectsInsideAnObject() throws IOException {
    assertEquals(
        List.of(new Row(1, Map.of("q", "x")), new Row(2, Map.of("q", "y", "l", "1\n2"))),
        rows("{\"17\":{\"q\":\"x\"},\n\"18\":{\"q\":\"y\",\"l\":[1,2]}}"));
  }

  @Test
  void readsAnEmptyArray() throws IOException {
    assertEquals(List.of(), rows("[]"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "2, `[{\"a\":\"secret\"},\n\"secret\"]`",
        "2, `[{\"a\":\"secret\"},\n{\"a\":secret}]`",
        "3, `[{\"a\":\"secret\"},\n{\"a\":\"secret\"\n`",
        "2, `[{\"a\":\"secret\"}]\n\"secret\"`",
        "1, `\"secret\"`",
        "1, `secret`",
        "1, `{\"a\":\"secret\"}`",
        "1, ``",
      })
  void namesTheLineThatIsBrokenAndRepeatsNothingOfIt(long line, String text) {
    SitsOut error = assertThrows(SitsOut.class, () -> rows(text));
    assertTrue(error.getMessage().startsWith("data.json:" + line + ": "), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
    assertNull(error.getCause(), "a cause's message would repeat the text");
  }

  @Test
  void namesTheLineThatIsMoreThanAParserTakes() {
    String name = "[{},\n{\"" + "secret".repeat(10_000) + "\":1}]";
    String nested = "[{},\n{\"a\":" + "[".repeat(2000);
    namesTheLineThatIsBrokenAndRepeatsNothingOfIt(2, name);
    namesTheLineThatIsBrokenAndRepeatsNothingOfIt(2, nested);
  }

  /** If it read the file before the first row, the broken end would show at once. */
  @Test
  void readsAsItGoes() throws IOException {
    String text = "[" + "{\"a\":\"some text to fill buffers with\"},".repeat(20_000) + "broken";
    Path file = Given.file(folder, "data.json", text);
    try (Stream<Row> rows = new Alpaca().read(TestOptions.none(), file)) {
      Iterator<Row> each = rows.iterator();
      for (int i = 0; i < 20_000; i++) {
        assertEquals(1, each.next().fields().size());
      }
      assertThrows(SitsOut.class, each::hasNext);
    }
  }

  @Test
  void readsRealInstructions() {
    Path file = Given.real("gpteacher/codegen-instruct.json");
    try (Stream<Row> rows = new Alpaca().read(TestOptions.none(), file)) {
      List<Row> all = rows.toList();
      assertEquals(4535, all.size());
      assertTrue(all.stream().allMatch(row -> row.fields().keySet().contains("response")));
    }
  }

  @Test
  void readsRealBiomedicalQuestionsByTheirIds() throws IOException {
    Path file = Given.real("pubmedqa/ori_pqal.json");
    List<String> lines = Files.readAllLines(file);
    try (Stream<Row> rows = new Alpaca().read(TestOptions.none(), file)) {
      List<Row> all = rows.toList();
      assertEquals(1000, all.size());
      for (Row row : all) {
        assertTrue(lines.get((int) row.line() - 1).matches(" *\"[0-9]+\": \\{"));
      }
      assertTrue(all.get(0).fields().get("CONTEXTS").contains("\n"));
    }
  }

  private List<Row> rows(String text) throws IOException {
    Path file = Given.file(folder, "data.json", text == null ? "" : text);
    try (Stream<Row> rows = new Alpaca().read(TestOptions.none(), file)) {
      return rows.toList();
    }
  }
}
