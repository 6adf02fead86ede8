package fedllm.api.data;

import java.util.Objects;

/** What one speaker says in a conversation, without anything that marks where it begins or ends. */
public record Turn(Role role, String text) {
  public Turn {
    Objects.requireNonNull(role);
    Objects.requireNonNull(text);
  }

  /** Who speaks. */
  public enum Role {
    /** Sets the scene. */
    SYSTEM("system"),
    /** Asks. */
    USER("user"),
    /** Answers: the model's own part. */
    ASSISTANT("assistant"),
    /** What a tool that the assistant called gives back. */
    TOOL("tool");

    private final String word;

    Role(String word) {
      this.word = word;
    }

    /** The word for it in chat templates. */
    public String word() {
      return word;
    }
  }
}
