package fedllm.api.guard;

import java.util.Locale;

/** Where a guard can stand; written in a job as {@code at: silo-out}. */
public enum Point {
  /** An update, before it is encoded and leaves the silo. The default. */
  SILO_OUT,
  /** An update that was decoded and checked at the server. */
  SERVER_IN,
  /** What the strategy combined. */
  AGGREGATE,
  /** The global state, before it is encoded for the silos. */
  BROADCAST;

  /** The name in a job. */
  public String jobName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
