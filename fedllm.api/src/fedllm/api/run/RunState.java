package fedllm.api.run;

/** What a run does. */
public enum RunState {
  /** Rounds go on. */
  RUNNING,
  /** It waits for a silo, a plugin or a person; the view says for what. */
  PAUSED,
  /** It came to its end. */
  COMPLETED,
  /** Somebody ended it. */
  CANCELLED,
  /** It could not go on. */
  FAILED;

  /** Whether nothing more will happen. */
  public boolean ended() {
    return this == COMPLETED || this == CANCELLED || this == FAILED;
  }
}
