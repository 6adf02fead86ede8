package fedllm.shell;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Follows runs: redrawn on a terminal, a line an event elsewhere. Used by one thread. */
public final class Watch {

  /** The session variable that says whether a terminal shows what is printed. */
  static final String TERMINAL = "TERMINAL";

  /** The session variable that holds the latch which opens when the asker hangs up. */
  static final String HUNG_UP = "HUNGUP";

  private static final int LOOK_EVERY_MS = 200;

  // A line that wrapped would be two to erase.
  private static final String NO_WRAP = "\u001b[?7l";
  private static final String WRAP = "\u001b[?7h";

  private final PrintStream out;
  private final boolean json;
  private final boolean terminal;
  private final Map<String, RunView> last = new HashMap<>();
  private final List<String> said = new ArrayList<>();
  private int drawn;

  /** Prints to a stream, for programs or for people. */
  public Watch(PrintStream out, boolean json, boolean terminal) {
    this.out = out;
    this.json = json;
    this.terminal = terminal;
  }

  /** Prints what changes until all runs have ended, the latch has opened or nobody can read. */
  public void until(CountDownLatch hungUp, Supplier<List<RunView>> look)
      throws InterruptedException {
    do {
      List<RunView> runs = look.get();
      print(runs);
      boolean ended = runs.stream().allMatch(run -> run.state().ended());
      if (ended || out.checkError()) { // checkError also flushes
        return;
      }
    } while (!hungUp.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS));
  }

  /** Puts a line after the events that are new; to be called while looking. */
  public void say(String line) {
    said.add(line);
  }

  private void print(List<RunView> runs) {
    List<RunView> changed = runs.stream().filter(run -> !run.equals(last.get(run.id()))).toList();
    if (changed.isEmpty() && said.isEmpty()) {
      return;
    }
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A\u001b[J");
      drawn = 0;
    }
    for (RunView run : changed) {
      if (json) {
        out.print(Json.text(run));
      } else {
        printEvents(run, last.get(run.id()));
      }
      last.put(run.id(), run);
    }
    said.forEach(out::println);
    said.clear();
    if (terminal && !json) {
      List<String> lines = new ArrayList<>();
      runs.forEach(run -> lines.addAll(RunText.now(run)));
      out.print(NO_WRAP);
      lines.forEach(out::println);
      out.print(WRAP);
      drawn = lines.size();
    }
  }

  private void printEvents(RunView run, RunView before) {
    int shown = before == null ? 0 : before.rounds().size();
    for (RoundView round : run.rounds().subList(shown, run.rounds().size())) {
      out.println(RunText.closed(run, round));
    }
    boolean news =
        before == null || run.state() != before.state() || !run.says().equals(before.says());
    if (news && !terminal) {
      out.println(RunText.standing(run));
    }
  }
}
