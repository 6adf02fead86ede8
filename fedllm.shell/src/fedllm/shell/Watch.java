package fedllm.shell;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Follows a run: redrawn on a terminal, a line an event elsewhere. Used by one thread. */
final class Watch {

  /** The session variable that says whether a terminal shows what is printed. */
  static final String TERMINAL = "TERMINAL";

  /** The session variable that holds the latch which opens when the asker hangs up. */
  static final String HUNG_UP = "HUNGUP";

  private static final int LOOK_EVERY_MS = 200;

  private final PrintStream out;
  private final boolean json;
  private final boolean terminal;
  private int drawn;
  private int closed;
  private RunView last;

  Watch(PrintStream out, boolean json, boolean terminal) {
    this.out = out;
    this.json = json;
    this.terminal = terminal;
  }

  /** Prints what changes until the run has ended, the latch has opened or nobody can read. */
  void until(CountDownLatch hungUp, Supplier<RunView> look) throws InterruptedException {
    do {
      RunView run = look.get();
      if (!run.equals(last)) {
        print(run);
        last = run;
      }
      if (run.state().ended() || out.checkError()) { // checkError also flushes
        return;
      }
    } while (!hungUp.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS));
  }

  private void print(RunView run) {
    if (json) {
      out.print(Json.text(run));
      return;
    }
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A\u001b[J");
      drawn = 0;
    }
    for (RoundView round : run.rounds().subList(closed, run.rounds().size())) {
      out.println(RunText.closed(run, round));
    }
    closed = run.rounds().size();
    if (terminal) {
      List<String> lines = RunText.now(run);
      lines.forEach(out::println);
      drawn = lines.size();
    } else if (last == null || run.state() != last.state() || !run.says().equals(last.says())) {
      out.println(RunText.standing(run));
    }
  }
}
