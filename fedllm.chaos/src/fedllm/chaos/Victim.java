package fedllm.chaos;

import java.util.Locale;

/** Who is killed. */
public enum Victim {
  /** The server that leads. */
  COORDINATOR,
  /** The server that stands by. */
  STANDBY,
  /** The one whose upload is under way, or is missing; else the first. */
  SILO,
  /** The only broker. */
  BROKER;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
