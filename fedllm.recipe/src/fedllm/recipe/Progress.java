package fedllm.recipe;

import fedllm.api.run.RunView;
import fedllm.shell.Headline;
import fedllm.shell.Numbers;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What is going on, and how long it will still take: a line that is redrawn on a terminal, a line
 * for each run elsewhere. Used by one thread.
 */
public final class Progress {

  private static final String ERASE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean terminal;
  private final int planned;
  private final long begun = System.nanoTime();
  private int done;
  private String last = "";

  /** Of so many runs. */
  public Progress(PrintStream out, boolean terminal, int planned) {
    this.out = out;
    this.terminal = terminal;
    this.planned = planned;
  }

  void look(String name, RunView run) {
    int rounds = Math.max(0, run.rounds().size() - 1);
    String now = "%s: round %d of %d%s".formatted(name, rounds, run.roundsPlanned(), loss(run));
    if (terminal && !now.equals(last)) {
      last = now;
      out.print(ERASE + now + "; " + left());
      out.flush();
    }
  }

  private static String loss(RunView run) {
    List<Headline> headlines = Headline.of(run);
    for (int i = run.rounds().size() - 1; i >= 0 && !headlines.isEmpty(); i--) {
      OptionalDouble mean = headlines.get(0).mean(run.rounds().get(i));
      if (mean.isPresent()) {
        return ", " + headlines.get(0).title() + " " + Numbers.metric(mean);
      }
    }
    return "";
  }

  /** A run has ended. */
  public void ended(Trial trial) {
    done++;
    String how =
        trial.completed()
            ? said(trial.figures())
            : "FAILED: " + trial.failure().lines().findFirst().orElse("");
    out.println(
        (terminal ? ERASE : "")
            + "%d of %d: %s, seed %d: %s; %s"
                .formatted(done, planned, trial.name(), trial.seed(), how, left()));
  }

  private static String said(Figures figures) {
    if (!figures.numbers().containsKey(figures.metric())) {
      return "completed";
    }
    return String.format(
        Locale.ROOT, "%s %.3f", figures.metric(), figures.number(figures.metric()));
  }

  private String left() {
    if (done == planned) {
      return "done";
    }
    double each = (System.nanoTime() - begun) / 1e9 / Math.max(1, done);
    return done == 0
        ? planned + (planned == 1 ? " run" : " runs") + " to go"
        : "about " + Numbers.seconds(each * (planned - done)) + " left";
  }
}
