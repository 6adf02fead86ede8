package fedllm.api.data;

/** One thing to learn from. It never leaves the silo, in no message and no error. */
public sealed interface Example {

  /** Text made by a template: the model reads the prompt and writes the answer. */
  record Text(String prompt, String answer) implements Example {}

  /** Token ids, as they are fed to the model. */
  record Tokens(int[] ids) implements Example {}
}
