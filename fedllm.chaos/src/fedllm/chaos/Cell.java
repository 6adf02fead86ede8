package fedllm.chaos;

import fedllm.api.error.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One entry of the matrix: who is hurt, in which phase of a round, and how. */
public record Cell(Victim victim, Phase phase, Fault fault) {

  /**
   * As a command line says it: {@code VICTIM:PHASE} is a kill; {@code VICTIM:FAULT} is something
   * that lasts, and begins when a round is ordered.
   */
  public static Cell of(String text) {
    return everything().stream()
        .filter(cell -> cell.toString().equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new Refused(
                    "no cell is called %s; say VICTIM:PHASE, of %s and %s, or one of %s"
                        .formatted(
                            text,
                            Arrays.toString(Victim.values()),
                            Arrays.toString(Phase.values()),
                            lasting())));
  }

  /** All kills. */
  public static List<Cell> all() {
    List<Cell> all = new ArrayList<>();
    for (Victim victim : Victim.values()) {
      for (Phase phase : Phase.values()) {
        all.add(new Cell(victim, phase, Fault.KILLED));
      }
    }
    return all;
  }

  /** All that lasts; a broker has no network and no disk of its own here. */
  public static List<Cell> lasting() {
    List<Cell> all = new ArrayList<>();
    for (Victim victim : List.of(Victim.COORDINATOR, Victim.SILO, Victim.BROKER)) {
      for (Fault fault : List.of(Fault.PAUSED, Fault.CUT, Fault.FULL, Fault.CLOCK)) {
        if (victim != Victim.BROKER || fault == Fault.PAUSED) {
          all.add(new Cell(victim, Phase.ORDERED, fault));
        }
      }
    }
    return all;
  }

  private static List<Cell> everything() {
    List<Cell> all = new ArrayList<>(all());
    all.addAll(lasting());
    return all;
  }

  /** Whether it is a kill. */
  boolean kills() {
    return fault == Fault.KILLED;
  }

  @Override
  public String toString() {
    return victim + ":" + (kills() ? phase : fault);
  }
}
