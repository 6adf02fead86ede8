package fedllm.trainers.tokenclassification;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Reading;
import fedllm.learning.objective.Labelled;
import fedllm.learning.objective.Labels;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Fitted;
import fedllm.learning.text.Row;
import java.util.Arrays;
import java.util.List;

/** Texts of words with a class each. */
record Words(Labels labels, Reading reading) {

  /** The first token of each word has its label, others have none. */
  Row row(Example example, long number) {
    Labelled labelled = Labelled.of(example, number);
    if (labelled.texts().size() != 1) {
      throw new SitsOut("example " + number + " should be one text; check the template");
    }
    String text = labelled.texts().get(0);
    int[] words = words(text);
    String[] names = labelled.label().split("\\s+");
    int count = Arrays.stream(words).max().orElse(-1) + 1;
    if (names.length != count || labelled.label().isEmpty()) {
      throw new SitsOut(
          "example "
              + number
              + " has "
              + count
              + " words and "
              + (labelled.label().isEmpty() ? 0 : names.length)
              + " labels; both are told apart by blanks");
    }
    int[] numbers = Arrays.stream(names).mapToInt(name -> labels.number(name, number)).toArray();
    Fitted fitted = reading.fit(List.of(text), number);
    int[] labelOf = new int[fitted.ids().length];
    Arrays.fill(labelOf, (int) Batch.NONE);
    int last = -1;
    for (int i = 0; i < labelOf.length; i++) {
      int word = first(words, fitted.from()[i], fitted.to()[i]);
      if (word > last) {
        labelOf[i] = numbers[word];
        last = word;
      }
    }
    return new Row(fitted.ids(), labelOf, fitted.types());
  }

  /** The word of each code point; -1 for blanks. */
  private static int[] words(String text) {
    int[] points = text.codePoints().toArray();
    int[] words = new int[points.length];
    int word = -1;
    for (int i = 0; i < points.length; i++) {
      boolean blank = Character.isWhitespace(points[i]);
      if (!blank && (i == 0 || words[i - 1] < 0)) {
        word++;
      }
      words[i] = blank ? -1 : word;
    }
    return words;
  }

  /** The first word that a token has a character of, or -1. */
  private static int first(int[] words, int from, int to) {
    for (int i = Math.max(0, from); i < Math.min(to, words.length); i++) {
      if (words[i] >= 0) {
        return words[i];
      }
    }
    return -1;
  }
}
