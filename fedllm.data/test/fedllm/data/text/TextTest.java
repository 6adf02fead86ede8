package fedllm.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.data.file.Given;
import fedllm.testkit.DataSourceContract;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest implements DataSourceContract {

  private static final String TWO_PARAGRAPHS = "\n\none\n two\n \n\nthree\n";

  @TempDir Path folder;

  @Override
  public DataSource source() {
    return new Text();
  }

  @Override
  public String name() {
    return "rows.txt";
  }

  @Override
  public String record(int number) {
    return "secret " + number + "\n\n";
  }

  @Override
  public String broken() {
    return "";
  }

  @Test
  void endsARowAtABlankLine() throws IOException {
    assertEquals(
        List.of(new Row(3, Map.of("text", "one\n two")), new Row(7, Map.of("text", "three"))),
        rows(TWO_PARAGRAPHS, Map.of()));
  }

  @Test
  void readsLineByLineWhenAsked() throws IOException {
    List<Row> rows = rows(TWO_PARAGRAPHS, Map.of("lines", true));
    assertEquals(List.of(3L, 4L, 7L), rows.stream().map(Row::line).toList());
    assertEquals(" two", rows.get(1).fields().get("text"));
  }

  @Test
  void putsAHeadingIntoAFieldOfItsOwn() throws IOException {
    assertEquals(
        List.of(
            new Row(1, Map.of("heading", "First Citizen", "text", "Speak: now.\nSpeak.")),
            new Row(5, Map.of("heading", "", "text", "Nobody says:\tthis\nor that"))),
        rows(
            "First Citizen:\nSpeak: now.\nSpeak.\n\nNobody says:\tthis\nor that\n",
            Map.of("heading", ":")));
  }

  @Test
  void readsRealSpeeches() {
    Path file = Given.real("tinyshakespeare/input.txt");
    try (Stream<Row> rows = new Text().read(TestOptions.none(), file)) {
      List<Row> all = rows.toList();
      assertEquals(7222, all.size());
      assertTrue(all.get(0).fields().get("text").startsWith("First Citizen:\n"));
    }
  }

  private List<Row> rows(String text, Map<String, Object> options) throws IOException {
    Path file = Given.file(folder, "data.txt", text);
    try (Stream<Row> rows = new Text().read(TestOptions.of(Text.Config.class, options), file)) {
      return rows.toList();
    }
  }
}
