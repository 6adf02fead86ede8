package fedllm.chaos;

import java.util.Locale;

/** What is done to a part. */
public enum Fault {
  /** {@code kill -9}, and a start with what it left. */
  KILLED("kill -9"),
  /** Stopped by SIGSTOP, and woken. */
  PAUSED("SIGSTOP"),
  /** Its network is away, and comes back. */
  CUT("cable"),
  /** Its state's disk is full, and has room again. */
  FULL("disk"),
  /** Its clock is an hour ahead, and right again. */
  CLOCK("clock");

  private final String shown;

  Fault(String shown) {
    this.shown = shown;
  }

  /** As a table has it, with how long it lasts. */
  String shown(long seconds) {
    return this == KILLED ? shown : shown + " " + seconds + " s";
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
