package fedllm.learning.generate;

import fedllm.api.random.Philox;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Function;

/** One text on its way. */
final class Writer {

  private final int number;
  private final int read;
  private final Asked asked;
  private final Sampler sampler;
  private final Listener listener;
  private final Philox random;
  private final Detokenizer detokenizer;
  private final StopStrings stops;
  private final BitSet had = new BitSet();
  private final StringBuilder text = new StringBuilder();
  private final int[] ids;
  private int written;
  private Answer.Reason reason;

  /**
   * A text behind a prompt.
   *
   * @param number which prompt it is
   * @param room how many tokens may come
   */
  Writer(
      Function<int[], String> decoder,
      int[] prompt,
      int number,
      Asked asked,
      int room,
      Sampler sampler,
      Listener listener) {
    this.number = number;
    this.read = prompt.length;
    this.asked = asked;
    this.sampler = sampler;
    this.listener = listener;
    this.random = sampler.stream(asked.first() + number);
    this.detokenizer = new Detokenizer(decoder, prompt);
    this.stops = new StopStrings(asked.stops());
    this.ids = new int[room];
    for (int id : prompt) {
      had.set(id);
    }
  }

  /** Chooses the next token; after its end a text has none. */
  int write(float[] logits, int from, int count) {
    if (reason != null) {
      return 0;
    }
    int token = sampler.choose(logits, from, count, had, random, read + written);
    if (asked.ends().contains(token)) {
      end(Answer.Reason.END);
      return token;
    }
    ids[written++] = token;
    had.set(token);
    boolean goesOn = tell(stops.pass(detokenizer.add(token)));
    if (stops.stopped()) {
      reason = Answer.Reason.STOP;
    } else if (!goesOn) {
      reason = Answer.Reason.CANCELLED;
    } else if (written == ids.length) {
      end(Answer.Reason.LENGTH);
    }
    return token;
  }

  private void end(Answer.Reason why) {
    tell(stops.pass(detokenizer.rest()));
    tell(stops.rest());
    reason = stops.stopped() ? Answer.Reason.STOP : why;
  }

  private boolean tell(String piece) {
    text.append(piece);
    return listener.onText(number, piece);
  }

  boolean ended() {
    return reason != null;
  }

  Answer answer() {
    return new Answer(Arrays.copyOf(ids, written), text.toString(), reason);
  }
}
