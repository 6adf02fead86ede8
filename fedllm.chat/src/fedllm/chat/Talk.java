package fedllm.chat;

import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Base;
import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Ends;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.text.ChatTemplate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A talk: the model reads all that was said before it answers. Where that is more than it can read,
 * the oldest turns are left out for good.
 */
final class Talk implements Speaker {

  /** This share of what the model can read is left for an answer, if so much is asked for. */
  private static final int SHARE_FOR_ANSWER = 4;

  private final Companion companion;
  private final ChatTemplate template;
  private final Ends ends;
  private final Sampling sampling;
  private final int most;
  private final Clock clock;
  private final IntConsumer onForgotten;
  private final int scene;
  private final List<Turn> turns = new ArrayList<>();
  private long said;

  /**
   * Nothing is said yet.
   *
   * @param most tokens of an answer at most
   * @param system what the system says before all, or null
   * @param clock what the template sees as now
   * @param onForgotten is told how many turns are left out when some are
   */
  Talk(
      Companion companion,
      ChatTemplate template,
      Sampling sampling,
      int most,
      String system,
      Clock clock,
      IntConsumer onForgotten) {
    this.companion = companion;
    this.template = template;
    this.ends = Ends.of(companion.base(), template);
    this.sampling = sampling;
    this.most = most;
    this.clock = clock;
    this.onForgotten = onForgotten;
    if (system != null) {
      turns.add(new Turn(Role.SYSTEM, system));
    }
    this.scene = turns.size();
  }

  @Override
  public Answer say(String text, Listener listener) {
    turns.add(new Turn(Role.USER, text));
    try {
      int[] prompt = prompt();
      Asked asked = new Asked(sampling, most, ends.tokens(), ends.stops(), said++);
      Answer answer = companion.generation().answer(prompt, asked, listener);
      turns.add(new Turn(Role.ASSISTANT, answer.text().strip()));
      return answer;
    } catch (SitsOut e) {
      turns.remove(turns.size() - 1);
      throw e;
    }
  }

  @Override
  public void reset() {
    turns.subList(scene, turns.size()).clear();
    said = 0;
  }

  @Override
  public boolean goesOn() {
    return false;
  }

  /** What is remembered. */
  List<Turn> turns() {
    return List.copyOf(turns);
  }

  private int[] prompt() {
    Base base = companion.base();
    int context = base.architecture().context() - companion.places();
    int room = Math.min(most, context / SHARE_FOR_ANSWER);
    int forgotten = 0;
    int[] prompt = template.prompt(turns, clock, base.tokenizer());
    while (prompt.length + room > context && turns.size() > scene + 1) {
      forgotten += forgetOldest();
      prompt = template.prompt(turns, clock, base.tokenizer());
    }
    if (forgotten > 0) {
      onForgotten.accept(forgotten);
    }
    return prompt;
  }

  /** A question with its answer: templates want them to take turns. */
  private int forgetOldest() {
    int end = scene + 1;
    while (end < turns.size() - 1 && turns.get(end).role() != Role.USER) {
      end++;
    }
    turns.subList(scene, end).clear();
    return end - scene;
  }
}
