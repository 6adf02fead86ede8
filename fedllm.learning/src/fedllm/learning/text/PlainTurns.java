package fedllm.learning.text;

import fedllm.api.data.Example.Conversation;
import fedllm.api.data.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation as text, where no chat template says how: each turn is {@code role: text} and a
 * line's end, and what the assistant says counts with that end.
 */
public final class PlainTurns {

  private PlainTurns() {}

  /** The text, and where answers stand in it. */
  public static Marked of(Conversation conversation) {
    StringBuilder text = new StringBuilder();
    List<Marked.Span> answers = new ArrayList<>();
    for (Turn turn : conversation.turns()) {
      text.append(turn.role().word()).append(": ");
      int from = text.length();
      text.append(turn.text()).append('\n');
      if (turn.role() == Turn.Role.ASSISTANT) {
        answers.add(new Marked.Span(from, text.length()));
      }
    }
    return new Marked(text.toString(), answers);
  }
}
