package fedllm.chaos;

import fedllm.api.error.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One entry of the matrix. */
public record Cell(Victim victim, Phase phase) {

  /** As a command line says it: {@code VICTIM:PHASE}. */
  public static Cell of(String text) {
    String[] words = text.toUpperCase(Locale.ROOT).split(":", -1);
    try {
      if (words.length == 2) {
        return new Cell(Victim.valueOf(words[0]), Phase.valueOf(words[1]));
      }
    } catch (IllegalArgumentException e) {
      throw unknown(text, e);
    }
    throw unknown(text, null);
  }

  private static Refused unknown(String text, Throwable cause) {
    return new Refused(
        "no cell is called %s; say VICTIM:PHASE, of %s and %s"
            .formatted(text, Arrays.toString(Victim.values()), Arrays.toString(Phase.values())),
        cause);
  }

  /** All of them. */
  public static List<Cell> all() {
    List<Cell> all = new ArrayList<>();
    for (Victim victim : Victim.values()) {
      for (Phase phase : Phase.values()) {
        all.add(new Cell(victim, phase));
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return victim + ":" + phase;
  }
}
