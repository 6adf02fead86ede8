package fedllm.shell;

import fedllm.api.run.OpenRound;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A run's progress in lines. */
public final class RunText {

  private RunText() {}

  /** How a run stands, in a line. */
  public static String standing(RunView run) {
    List<String> parts = new ArrayList<>();
    parts.add(run.id() + " " + run.state());
    parts.add("round " + rounds(run));
    List<String> measured = measured(run);
    if (!measured.isEmpty()) {
      parts.add(String.join(", ", measured));
    }
    if (!run.rounds().isEmpty()) {
      parts.add(Numbers.bytes(bytesUp(run)) + " up");
    }
    if (run.open() != null && run.open().secondsLeft() >= 0) {
      parts.add(Numbers.seconds(run.open().secondsLeft()) + " left");
    }
    if (!run.says().isEmpty()) {
      parts.add(run.says());
    }
    return String.join(" · ", parts);
  }

  /** How a run stands and what each client does, in lines for a display that is redrawn. */
  public static List<String> now(RunView run) {
    List<String> lines = new ArrayList<>();
    lines.add(standing(run));
    OpenRound open = run.open();
    if (open != null) {
      int widest = open.clients().keySet().stream().mapToInt(String::length).max().orElse(0);
      new TreeMap<>(open.clients())
          .forEach(
              (client, does) ->
                  lines.add(String.format(Locale.ROOT, "  %-" + widest + "s  %s", client, does)));
    }
    return lines;
  }

  /** A closed round in a line; round 0 is the state that the run started from. */
  public static String closed(RunView run, RoundView round) {
    List<String> parts = new ArrayList<>();
    if (round.number() == 0) {
      parts.add(run.id() + " starts");
    } else {
      parts.add(run.id() + " round " + round.number() + of(run) + " closed");
      parts.add(
          round.members().stream().map(m -> member(round, m)).collect(Collectors.joining(", ")));
      parts.add(Numbers.seconds(round.seconds()));
      parts.add(Numbers.bytes(round.bytesUp()) + " up");
    }
    parts.addAll(measured(run, round));
    new TreeMap<>(round.absent()).forEach((client, why) -> parts.add(client + " absent: " + why));
    parts.addAll(round.changes());
    return String.join(" · ", parts);
  }

  private static String member(RoundView round, String client) {
    int late = round.late().getOrDefault(client, 0);
    return late == 0
        ? client
        : client + " (" + late + (late == 1 ? " round" : " rounds") + " late)";
  }

  private static List<String> measured(RunView run, RoundView round) {
    int at = run.rounds().indexOf(round);
    List<String> own = measured(run, at);
    if (!own.isEmpty()) {
      return List.of(String.join(", ", own));
    }
    List<String> last = at > 0 ? measured(run, at - 1) : List.of();
    return last.isEmpty() ? last : List.of("before it " + String.join(", ", last));
  }

  /** Silos measure a state as the next round begins: until that has closed, some are missing. */
  private static List<String> measured(RunView run, int at) {
    boolean settled = at < run.rounds().size() - 1 || run.state().ended();
    List<String> measured = new ArrayList<>();
    if (settled) {
      for (Headline headline : Headline.of(run)) {
        OptionalDouble mean = headline.mean(run.rounds().get(at));
        if (mean.isPresent()) {
          measured.add(headline.title() + " " + Numbers.metric(mean));
        }
      }
    }
    return measured;
  }

  /** The closed rounds, such as {@code 3/10}. */
  static String rounds(RunView run) {
    return run.rounds().stream().mapToInt(RoundView::number).max().orElse(0) + of(run);
  }

  /** The newest means that every silo has its part in, such as {@code loss 2.661}. */
  static List<String> measured(RunView run) {
    for (int at = run.rounds().size() - 1; at >= 0; at--) {
      List<String> measured = measured(run, at);
      if (!measured.isEmpty()) {
        return measured;
      }
    }
    return List.of();
  }

  private static long bytesUp(RunView run) {
    return run.rounds().stream().mapToLong(RoundView::bytesUp).sum();
  }

  private static String of(RunView run) {
    return run.roundsPlanned() > 0 ? "/" + run.roundsPlanned() : "";
  }
}
