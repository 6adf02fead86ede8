package fedllm.data.sharegpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareGptTest implements DataSourceContract {

  private static final String TURNS =
      "\"conversations\":[{\"from\":\"human\",\"value\":\"secret\"},{\"from\":\"gpt\",\"value\":\"b\"}]";

  @TempDir Path folder;

  @Override
  public DataSource source() {
    return new ShareGpt();
  }

  @Override
  public String name() {
    return "talks.json";
  }

  @Override
  public String record(int number) {
    return (number == 0 ? "[" : ",") + "{\"id\":\"" + number + "\"," + TURNS + "}\n";
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
  void readsTurnsOfBothLayoutsAndKeepsOtherFields() throws IOException {
    List<Row> rows =
        rows(
            """
            {"id":"x","conversations":[{"from":"system","value":"s"},
             {"from":"human","value":"q"},{"from":"gpt","value":"a"}]}
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null},
             {"role":"tool","content":"t"}],"meta":{"lang":"en"}}
            """);
    assertEquals(
        List.of(
            new Row(
                1,
                Map.of("id", "x"),
                List.of(
                    new Turn(Role.SYSTEM, "s"),
                    new Turn(Role.USER, "q"),
                    new Turn(Role.ASSISTANT, "a"))),
            new Row(
                3,
                Map.of("meta.lang", "en"),
                List.of(
                    new Turn(Role.USER, "q"),
                    new Turn(Role.ASSISTANT, ""),
                    new Turn(Role.TOOL, "t")))),
        rows);
  }

  @Test
  void readsAnArrayOverSeveralLines() throws IOException {
    List<Row> rows = rows("[\n{" + TURNS + "},\n\n{" + TURNS + "}\n]\n");
    assertEquals(List.of(2L, 4L), rows.stream().map(Row::line).toList());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "2, `{T}\n{\"id\":\"secret\"}`, messages",
        "1, `{\"conversations\":[]}`, no turn",
        "1, `{\"conversations\":\"secret\"}`, messages",
        "2, `{\"conversations\":[\n\"secret\"]}`, not a JSON object",
        "1, `{\"conversations\":[{\"from\":\"secret\",\"value\":\"secret\"}]}`, turn 1 is from"
            + " nobody",
        "1, `{\"messages\":[{\"from\":\"human\",\"text\":\"secret\"}]}`, turn 1 has no text",
        "1, `{T,\"messages\":[]}`, two conversations",
        "2, `[{T}]\n{\"secret\":1}`, goes on",
        "1, `\"secret\"`, not a JSON object",
      })
  void namesTheLineOfWhatIsNoConversationAndRepeatsNothingOfIt(long line, String text, String why) {
    SitsOut error = assertThrows(SitsOut.class, () -> rows(text.replace("T", TURNS)));
    assertTrue(error.getMessage().startsWith("data.json:" + line + ": "), error.getMessage());
    assertTrue(error.getMessage().contains(why), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
    assertNull(error.getCause(), "a cause's message would repeat the text");
  }

  private List<Row> rows(String text) throws IOException {
    Path file = Given.file(folder, "data.json", text);
    try (Stream<Row> rows = new ShareGpt().read(TestOptions.none(), file)) {
      return rows.toList();
    }
  }
}
