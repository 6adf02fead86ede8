package fedllm.learning.model;

import fedllm.api.error.SitsOut;
import java.util.List;

/**
 * What a model is asked for.
 *
 * @param kind what its logits are about
 * @param classes how many; 0 for tokens, and where the files say it
 */
public record Head(Kind kind, int classes) {

  /** The next token, or the one that stands there, of the whole vocabulary. */
  public static final Head TOKENS = new Head(Kind.TOKENS, 0);

  /** What logits are about. */
  public enum Kind {
    /** [batch, length, vocabulary]. */
    TOKENS,
    /** [batch, classes]. */
    SEQUENCE_CLASSES,
    /** [batch, length, classes]. */
    TOKEN_CLASSES
  }

  /** What the model's files were written for, by {@code architectures}. */
  public static Head of(ModelConfig config) {
    List<String> architectures = config.texts("architectures");
    Kind kind = Kind.TOKENS;
    if (architectures.stream().anyMatch(name -> name.endsWith("ForSequenceClassification"))) {
      kind = Kind.SEQUENCE_CLASSES;
    } else if (architectures.stream().anyMatch(name -> name.endsWith("ForTokenClassification"))) {
      kind = Kind.TOKEN_CLASSES;
    }
    // Hugging Face leaves the number and the names away where there are two without names.
    int classes = config.classes() == 0 ? 2 : config.classes();
    return kind == Kind.TOKENS ? TOKENS : new Head(kind, classes);
  }

  /**
   * The same, as many classes as a model's files were written for where nobody said how many.
   *
   * @throws SitsOut when the files do not say it either
   */
  public Head in(ModelConfig config) {
    if (kind == Kind.TOKENS || classes > 0) {
      return this;
    }
    int known = config.classes();
    if (known == 0) {
      throw new SitsOut(
          config.file() + ": has no id2label; name the classes in the option labels, in order");
    }
    return new Head(kind, known);
  }
}
