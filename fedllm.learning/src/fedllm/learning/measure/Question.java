package fedllm.learning.measure;

import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.Arrays;
import java.util.List;

/**
 * What a model is asked, and what it should say.
 *
 * @param prompt the tokens before the last answer, cut as they are in training: a blank between
 *     prompt and answer belongs to the answer's first word
 * @param answer the right answer's text
 * @param talk whether it is a conversation, in which a chat template ends answers
 */
public record Question(int[] prompt, String answer, boolean talk) {

  /**
   * That of an example; of two answers to the same, the one that was chosen.
   *
   * @param number which example it is, for messages; they repeat nothing of its text
   * @throws SitsOut when it has no text, no answer, or a prompt that leaves the model no room
   */
  public static Question of(LanguageModel model, Example example, long number) {
    Example asked = example instanceof Example.Preference pair ? pair.chosen() : example;
    String answer = answer(asked, number);
    Row row = row(model, asked, number);
    int first = row.labels().length;
    while (row.labels()[first - 1] == Batch.NONE) { // a chat's layout behind the answer
      first--;
    }
    while (first > 0 && row.labels()[first - 1] != Batch.NONE) {
      first--;
    }
    int[] prompt = Arrays.copyOf(row.ids(), first + 1);
    int room = model.base().architecture().context() - model.places();
    if (prompt.length >= room) {
      throw new SitsOut(
          "example %d has %d tokens before its answer, but the model reads %d; leave it out"
              .formatted(number, prompt.length, room - 1));
    }
    return new Question(prompt, answer, asked instanceof Example.Conversation);
  }

  /** The text that an example's last answer has. */
  public static String answer(Example example, long number) {
    if (example instanceof Example.Text text) {
      return text.answer();
    }
    if (example instanceof Example.Conversation talk) {
      List<Turn> turns = talk.turns();
      if (!turns.isEmpty() && turns.get(turns.size() - 1).role() == Turn.Role.ASSISTANT) {
        return turns.get(turns.size() - 1).text();
      }
      throw new SitsOut("example " + number + " does not end in an answer; leave it out");
    }
    throw new SitsOut(
        "example " + number + " is no text with an answer; use a template that makes such");
  }

  /** The whole of an example, where only answers are foretold, and at least one token of them. */
  public static Row row(LanguageModel model, Example example, long number) {
    Row row = model.base().tokenizer().encode(example, Integer.MAX_VALUE, true);
    if (row.targets() == 0) {
      throw new SitsOut("example " + number + " has no answer; check the silo's data and template");
    }
    return row;
  }
}
