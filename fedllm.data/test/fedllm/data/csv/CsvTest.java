package fedllm.data.csv;

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTest implements DataSourceContract {

  @TempDir Path folder;

  @Override
  public DataSource source() {
    return new Csv();
  }

  @Override
  public String name() {
    return "rows.csv";
  }

  @Override
  public String start() {
    return "a,b\n";
  }

  @Override
  public String record(int number) {
    return "secret " + number + ",x\n";
  }

  @Override
  public String broken() {
    return "secret,secret,secret\n";
  }

  @Test
  void readsQuotesLineBreaksAndEmptyValues() throws IOException {
    assertEquals(
        List.of(
            new Row(2, Map.of("a", "1", "b", "x\ny")),
            new Row(5, Map.of("a", "say \"hi\", you", "b", "")),
            new Row(6, Map.of("a", " kept ", "b", "é"))),
        rows("a,b\r\n1,\"x\ny\"\r\n\r\n\"say \"\"hi\"\", you\",\r\n kept ,é\r\n", Map.of()));
  }

  @Test
  void readsWhatIsSeparatedOtherwise() throws IOException {
    assertEquals(
        List.of(new Row(2, Map.of("a", "1,5", "b", "2"))),
        rows("a;b\n1,5;2\n", Map.of("separator", ";")));
  }

  @Test
  void knowsTabsByTheFilesNameOrByOption() throws IOException {
    List<Row> expected = List.of(new Row(2, Map.of("a", "1,5", "b", "2")));
    assertEquals(expected, rows("data.TSV", "a\tb\n1,5\t2\n", Map.of()));
    assertEquals(expected, rows("data.csv", "a\tb\n1,5\t2\n", Map.of("separator", "tab")));
  }

  @Test
  void takesQuotesForLettersWhereAsked() throws IOException {
    assertEquals(
        List.of(new Row(2, Map.of("a", "\"a 5\" pipe", "b", "x\"y"))),
        rows("data.tsv", "a\tb\n\"a 5\" pipe\tx\"y\n", Map.of("quotes", false)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "3, `a,b\n1,2\nsecret,secret,secret\n`",
        "4, `a,b\n1,\"2\n\"\nsecret\n`",
        "3, `a,b\n1,2\n\"secret\" secret,2\n`",
        "1, `secret,secret\n1,2\n`",
        "1, ``",
      })
  void namesTheRowThatIsBrokenAndRepeatsNothingOfIt(long line, String text) {
    SitsOut error = assertThrows(SitsOut.class, () -> rows(text == null ? "" : text, Map.of()));
    assertTrue(error.getMessage().startsWith("data.csv:" + line + ": "), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
    assertNull(error.getCause(), "a cause's message would repeat the text");
  }

  @Test
  void refusesAQuoteThatNothingCloses() {
    SitsOut error =
        assertThrows(SitsOut.class, () -> rows("a,b\n1,2\n3,\"secret\n5,6\n", Map.of()));
    assertTrue(error.getMessage().contains("quote"), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
  }

  @Test
  void refusesAValueThatIsLongerThanAParserTakes() {
    String open = "a,b\n1,\"" + "secret\n".repeat(3_000_000);
    SitsOut error = assertThrows(SitsOut.class, () -> rows(open, Map.of()));
    assertTrue(error.getMessage().contains("quote"), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
  }

  @Test
  void readsRealBankQueries() {
    try (Stream<Row> rows = new Csv().read(TestOptions.none(), Given.real("banking77/train.csv"))) {
      List<Row> all = rows.toList();
      assertEquals(10_003, all.size());
      Set<String> intents = new HashSet<>();
      all.forEach(row -> intents.add(row.fields().get("category")));
      assertEquals(77, intents.size());
    }
  }

  private List<Row> rows(String text, Map<String, Object> options) throws IOException {
    return rows("data.csv", text, options);
  }

  private List<Row> rows(String name, String text, Map<String, Object> options) throws IOException {
    Path file = Given.file(folder, name, text);
    try (Stream<Row> rows = new Csv().read(TestOptions.of(Csv.Config.class, options), file)) {
      return rows.toList();
    }
  }
}
