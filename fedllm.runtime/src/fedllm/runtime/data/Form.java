package fedllm.runtime.data;

import fedllm.api.data.Example;
import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One of a template's ways to make an example of a row. Immutable. */
sealed interface Form {

  /** Whether the row has what the form asks for, and does not leave it blank. */
  boolean suits(Row row);

  /** What the row lacks, in words that repeat nothing of it, or null. */
  String missing(Row row);

  /** The example of a row that lacks nothing; null where there is nothing to learn. */
  Example fill(Row row);

  /** What the model reads, and what it is to write. */
  record Pair(Wording prompt, Wording answer) implements Form {

    @Override
    public boolean suits(Row row) {
      return prompt.suits(row.fields()) && answer.suits(row.fields());
    }

    @Override
    public String missing(Row row) {
      return Form.missing(row, List.of(prompt, answer));
    }

    @Override
    public Example fill(Row row) {
      String text = answer.fill(row.fields());
      return text.isBlank() ? null : new Example.Text(prompt.fill(row.fields()), text);
    }
  }

  /** Two answers to the same, of which somebody chose one. */
  record Choice(Wording prompt, Wording chosen, Wording rejected) implements Form {

    @Override
    public boolean suits(Row row) {
      return prompt.suits(row.fields())
          && chosen.suits(row.fields())
          && rejected.suits(row.fields());
    }

    @Override
    public String missing(Row row) {
      return Form.missing(row, List.of(prompt, chosen, rejected));
    }

    @Override
    public Example fill(Row row) {
      String asked = prompt.fill(row.fields());
      String better = chosen.fill(row.fields());
      String worse = rejected.fill(row.fields());
      return better.isBlank() || worse.isBlank() || better.equals(worse)
          ? null
          : new Example.Preference(new Example.Text(asked, better), new Example.Text(asked, worse));
    }
  }

  /** A conversation made of fields. */
  record Script(List<Map.Entry<Turn.Role, Wording>> lines) implements Form {

    @Override
    public boolean suits(Row row) {
      return lines.stream().allMatch(line -> line.getValue().suits(row.fields()));
    }

    @Override
    public String missing(Row row) {
      return Form.missing(row, lines.stream().map(Map.Entry::getValue).toList());
    }

    @Override
    public Example fill(Row row) {
      return conversation(
          lines.stream()
              .map(line -> new Turn(line.getKey(), line.getValue().fill(row.fields())))
              .toList());
    }
  }

  /** The conversation that the row is. */
  record Own() implements Form {

    @Override
    public boolean suits(Row row) {
      return !row.turns().isEmpty();
    }

    @Override
    public String missing(Row row) {
      return row.turns().isEmpty()
          ? "a conversation, which the row is not; choose another template, or format: sharegpt"
          : null;
    }

    @Override
    public Example fill(Row row) {
      return conversation(row.turns());
    }
  }

  private static Example conversation(List<Turn> turns) {
    boolean teaches =
        turns.stream()
            .anyMatch(turn -> turn.role() == Turn.Role.ASSISTANT && !turn.text().isBlank());
    return teaches ? new Example.Conversation(turns) : null;
  }

  private static String missing(Row row, List<Wording> wordings) {
    // Where a header is missing, text stands in the place of the fields' names.
    return wordings.stream()
        .map(wording -> wording.missing(row.fields()))
        .filter(Objects::nonNull)
        .findFirst()
        .map(
            field ->
                "the field {"
                    + field
                    + "}, and none of the row's "
                    + row.fields().size()
                    + " is called so; choose another template, or add the header if it is missing")
        .orElse(null);
  }
}
