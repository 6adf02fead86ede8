package fedllm.chat;

import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Ends;
import fedllm.learning.generate.Generation;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import java.util.List;

/** Goes on with a text, each by itself. */
final class Completion implements Speaker {

  private final Companion companion;
  private final Sampling sampling;
  private final int most;
  private long said;

  Completion(Companion companion, Sampling sampling, int most) {
    this.companion = companion;
    this.sampling = sampling;
    this.most = most;
  }

  @Override
  public Answer say(String text, Listener listener) {
    Generation generation = companion.generation();
    Asked asked = new Asked(sampling, most, Ends.of(companion.base()), List.of(), said++);
    return generation.answer(companion.base().tokenizer().encode(text), asked, listener);
  }

  @Override
  public void reset() {
    said = 0;
  }

  @Override
  public boolean goesOn() {
    return true;
  }
}
