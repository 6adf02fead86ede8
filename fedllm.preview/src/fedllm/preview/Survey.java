package fedllm.preview;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.random.Philox;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** One pass over a silo's examples: how many, how long, how many are cut, and a few of them. */
final class Survey {

  /** An example that was drawn, and which it is, 1 for the first. */
  record Drawn(long number, Example example) {}

  private final Reader reader;
  private final Lengths lengths = new Lengths();
  private final List<Drawn> drawn = new ArrayList<>();
  private long cut;
  private long lost;
  private long heldOut;

  private Survey(Reader reader) {
    this.reader = reader;
  }

  /** Reads everything once; keeps {@code examples} examples, each with the same chance. */
  static Survey of(Data data, Reader reader, int examples, String name, LongConsumer progress) {
    Survey survey = new Survey(reader);
    Philox random = Philox.of(0, 0, "", 0, "show/" + name);
    try (Stream<Example> train = data.train()) {
      Iterator<Example> each = train.iterator();
      for (long number = 1; each.hasNext(); number++) {
        Example example = each.next();
        survey.add(example);
        int place = (int) Math.min(Integer.MAX_VALUE, (long) (random.uniform(number) * number));
        if (survey.drawn.size() < examples) {
          survey.drawn.add(new Drawn(number, example));
        } else if (place < examples) {
          survey.drawn.set(place, new Drawn(number, example));
        }
        progress.accept(number);
      }
    }
    survey.drawn.sort(Comparator.comparingLong(Drawn::number));
    try (Stream<Example> held = data.heldOut()) {
      survey.heldOut = held.count();
    }
    return survey;
  }

  private void add(Example example) {
    if (example instanceof Example.Preference pair) {
      add(pair.chosen());
      add(pair.rejected());
      return;
    }
    Row row = reader.row(example);
    if (row == null) {
      lengths.add(characters(example));
      return;
    }
    lengths.add(row.length());
    int fits = reader.fits(row);
    if (fits < row.length()) {
      cut++;
      lost += Arrays.stream(row.labels(), 0, fits).allMatch(l -> l == Batch.NONE) ? 1 : 0;
    }
  }

  private static int characters(Example example) {
    if (example instanceof Example.Conversation conversation) {
      return conversation.turns().stream().mapToInt(turn -> turn.text().length()).sum();
    }
    Example.Text text = (Example.Text) example;
    return text.prompt().length() + text.answer().length();
  }

  Lengths lengths() {
    return lengths;
  }

  List<Drawn> drawn() {
    return drawn;
  }

  /** Examples that do not fit whole. */
  long cut() {
    return cut;
  }

  /** Examples of whose answer nothing fits. */
  long lost() {
    return lost;
  }

  long heldOut() {
    return heldOut;
  }
}
