package fedllm.learning.objective;

import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be told a class of, and the class: a prompt and its answer, or the turns of a user,
 * one or two, and the assistant's after them.
 *
 * @param texts one, or a pair
 * @param label without the blanks around it
 */
public record Labelled(List<String> texts, String label) {

  /**
   * Reads an example.
   *
   * @param number which one it is, for messages
   */
  public static Labelled of(Example example, long number) {
    if (example instanceof Example.Text text) {
      return new Labelled(List.of(text.prompt()), text.answer().strip());
    }
    if (!(example instanceof Example.Conversation conversation)) {
      throw new SitsOut(
          "example " + number + " has no label; a prompt and an answer, or turns, would have one");
    }
    List<Turn> turns = conversation.turns();
    List<String> texts = new ArrayList<>();
    turns.stream().filter(t -> t.role() == Turn.Role.USER).forEach(t -> texts.add(t.text()));
    boolean fits = !texts.isEmpty() && texts.size() <= 2 && turns.size() == texts.size() + 1;
    if (!fits || turns.get(texts.size()).role() != Turn.Role.ASSISTANT) {
      throw new SitsOut(
          "example "
              + number
              + " should be one or two turns of the user and then the assistant's, the label; check"
              + " the template");
    }
    return new Labelled(texts, turns.get(texts.size()).text().strip());
  }
}
