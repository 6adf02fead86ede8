package fedllm.api.data;

import java.util.List;

/** One thing to learn from. It never leaves the silo, in no message and no error. */
public sealed interface Example {

  /** Text made by a template: the model reads the prompt and writes the answer. */
  record Text(String prompt, String answer) implements Example {}

  /**
   * Turns of several speakers, in order. Only those of the assistant are answers; how the others
   * are told apart in the model's text is its chat template's.
   */
  record Conversation(List<Turn> turns) implements Example {
    public Conversation {
      turns = List.copyOf(turns);
    }
  }

  /** Two answers to the same, of which somebody chose one. */
  record Preference(Example chosen, Example rejected) implements Example {
    public Preference {
      if (chosen instanceof Preference || rejected instanceof Preference) {
        throw new IllegalArgumentException("a preference is between two answers");
      }
    }
  }

  /** Token ids, as they are fed to the model. */
  record Tokens(int[] ids) implements Example {}
}
