package fedllm.learning.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One text, or a pair, as a model reads it that says what the whole is: cut at the right, what the
 * tokenizer puts around texts kept.
 *
 * @param ids the tokens
 * @param types what kind each is, as the tokenizer says
 * @param from for each the code point of its text where it begins; -1 where it is of no text
 * @param to for each the code point where it ends
 */
public record Fitted(int[] ids, int[] types, int[] from, int[] to) {

  /** Cuts as Hugging Face does: the longer of two texts first. */
  static Fitted of(Encoding encoding, int length) {
    long[] special = encoding.getSpecialTokenMask();
    long[] sequences = encoding.getSequenceIds();
    int[] texts = new int[special.length];
    int[] sizes = new int[2];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = special[i] != 0 ? -1 : sequences[i] == 1 ? 1 : 0;
      if (texts[i] >= 0) {
        sizes[texts[i]]++;
      }
    }
    int[] kept = shares(sizes, Math.max(0, length - (texts.length - sizes[0] - sizes[1])));
    int[] seen = new int[2];
    int[] places =
        IntStream.range(0, texts.length)
            .filter(i -> texts[i] < 0 || seen[texts[i]]++ < kept[texts[i]])
            .limit(length)
            .toArray();
    CharSpan[] spans = encoding.getCharTokenSpans();
    return new Fitted(
        pick(places, encoding.getIds()),
        pick(places, encoding.getTypeIds()),
        Arrays.stream(places)
            .map(i -> known(texts[i], spans[i]) ? spans[i].getStart() : -1)
            .toArray(),
        Arrays.stream(places)
            .map(i -> known(texts[i], spans[i]) ? spans[i].getEnd() : -1)
            .toArray());
  }

  private static boolean known(int text, CharSpan span) {
    return text >= 0 && span != null;
  }

  private static int[] pick(int[] places, long[] values) {
    return Arrays.stream(places).map(i -> Math.toIntExact(values[i])).toArray();
  }

  /** How many tokens of each of two texts are kept where there is room for so many. */
  static int[] shares(int[] sizes, int room) {
    if (sizes[0] + sizes[1] <= room) {
      return sizes;
    }
    int shorter = Math.min(sizes[0], sizes[1]);
    int less = Math.min(shorter, room / 2);
    int more = room - less;
    return sizes[0] <= sizes[1] ? new int[] {less, more} : new int[] {more, less};
  }
}
