package fedllm.preview;

import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.Arrays;

/** An example as the model reads it, special tokens and all, with its answers marked. */
final class Rendering {

  private static final String OPEN = "⟦";
  private static final String CLOSE = "⟧";

  private Rendering() {}

  /** How long it is, in words. */
  static String size(Reader reader, Example example) {
    if (example instanceof Example.Preference pair) {
      return size(reader, pair.chosen()) + "; rejected " + size(reader, pair.rejected());
    }
    Row row = reader.row(example);
    if (row == null) {
      return example instanceof Example.Conversation talk ? talk.turns().size() + " turns" : "text";
    }
    int fits = reader.fits(row);
    return "%,d tokens, %,d of them answer%s"
        .formatted(
            fits,
            Arrays.stream(row.labels(), 0, fits).filter(label -> label != Batch.NONE).count(),
            fits == row.length() ? "" : "; cut, it has %,d".formatted(row.length()));
  }

  /** Its text. */
  static String text(Reader reader, Example example) {
    if (example instanceof Example.Preference pair) {
      return text(reader, pair.chosen()) + "\n(rejected)\n" + text(reader, pair.rejected());
    }
    Row row = reader.row(example);
    if (row == null) {
      return plain(example);
    }
    int fits = reader.fits(row);
    int[] ids = Arrays.copyOf(row.ids(), fits);
    if (fits > 0 && row.labels()[fits - 1] != Batch.NONE) { // what is foretold last is not fed
      ids = Arrays.copyOf(ids, fits + 1);
      ids[fits] = row.labels()[fits - 1];
    }
    StringBuilder text = new StringBuilder();
    String before = "";
    for (int from = 0, to; from < ids.length; from = to) {
      boolean answer = isAnswer(row, from);
      to = from + 1;
      while (to < ids.length && isAnswer(row, to) == answer) {
        to++;
      }
      // A piece alone would lose the blank that it begins with.
      String all = reader.tokenizer().show(Arrays.copyOf(ids, to));
      String piece = all.startsWith(before) ? all.substring(before.length()) : all;
      text.append(answer ? OPEN + piece + CLOSE : piece);
      before = all;
    }
    return text.toString();
  }

  private static boolean isAnswer(Row row, int place) {
    return place > 0 && row.labels()[place - 1] != Batch.NONE;
  }

  private static String plain(Example example) {
    if (example instanceof Example.Text text) {
      return text.prompt() + OPEN + text.answer() + CLOSE;
    }
    StringBuilder text = new StringBuilder();
    for (Turn turn : ((Example.Conversation) example).turns()) {
      boolean answer = turn.role() == Turn.Role.ASSISTANT;
      text.append(turn.role().word()).append(": ");
      text.append(answer ? OPEN + turn.text() + CLOSE : turn.text()).append('\n');
    }
    return text.toString();
  }
}
