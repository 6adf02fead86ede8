package fedllm.trainers.maskedlm;

import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.learning.base.Base;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Fitted;
import fedllm.learning.text.Row;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which tokens are hidden, and how.
 *
 * @param token what hides one
 * @param vocabulary how many tokens there are to become instead
 */
record Masks(double share, double hidden, double random, int token, int vocabulary) {

  /** By a model's own mask. */
  static Masks of(MaskedLm.Config config, Base base) {
    int[] ids = base.tokenizer().encodeWritten(config.mask());
    if (ids.length != 1) {
      throw new SitsOut(
          base.folder().tokenizer()
              + ": "
              + config.mask()
              + " is not one token; name the one that hides others in objective.mask");
    }
    int vocabulary = base.architecture().vocabulary();
    return new Masks(config.share(), config.hidden(), config.random(), ids[0], vocabulary);
  }

  /**
   * A text with tokens hidden. What the tokenizer puts around texts is never chosen.
   *
   * @param number which example it is, for messages
   */
  Row of(Fitted fitted, long number, Philox draw) {
    int[] ids = fitted.ids().clone();
    int[] labels = new int[ids.length];
    Arrays.fill(labels, (int) Batch.NONE);
    int[] places = IntStream.range(0, ids.length).filter(i -> fitted.from()[i] >= 0).toArray();
    if (places.length == 0) {
      throw new SitsOut("example " + number + " is empty; check the silo's data and template");
    }
    long count = Math.max(1, Math.round(share * places.length));
    for (int i = 0; i < count; i++) { // a shuffle's beginning: without repetition
      int j = i + draw.below(3L * i, places.length - i);
      int chosen = places[j];
      places[j] = places[i];
      labels[chosen] = ids[chosen];
      double fate = draw.uniform(3L * i + 1);
      if (fate < hidden) {
        ids[chosen] = token;
      } else if (fate < hidden + random) {
        ids[chosen] = draw.below(3L * i + 2, vocabulary);
      }
    }
    return new Row(ids, labels, fitted.types());
  }
}
