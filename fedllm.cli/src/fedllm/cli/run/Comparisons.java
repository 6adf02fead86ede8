package fedllm.cli.run;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import fedllm.shell.Watch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The runs that a federated one is compared with: in order, and as many at a time as there are
 * cores, for each trains at one silo alone. Used by one thread.
 */
final class Comparisons {

  private final Job job;
  private final LocalFederation federation;
  private final Account account;
  private final Results results;
  private final Watch watch;
  private final Deque<Planned> planned = new ArrayDeque<>();
  private final List<Going> going = new ArrayList<>();
  private final Map<Going, RunView> ended = new HashMap<>();
  private boolean pooledStarted;
  private int busy;

  private record Planned(String row, String silo, String label) {}

  private record Going(Planned planned, String id, long since) {}

  Comparisons(Job job, LocalFederation federation, Account account, Results results, Watch watch) {
    this.job = job;
    this.federation = federation;
    this.account = account;
    this.results = results;
    this.watch = watch;
    if (job.compare().contains(Job.ALONE)) {
      job.names()
          .forEach(silo -> planned.add(new Planned("alone: " + silo, silo, "alone-" + silo)));
    }
    if (job.compare().contains(Job.POOLED)) {
      planned.add(new Planned(Job.POOLED, Job.POOLED, Job.POOLED));
    }
  }

  /** Runs them all; what only a silo could do whose process has ended is left out. */
  void run() throws InterruptedException {
    watch.until(new CountDownLatch(1), this::look);
    while (!planned.isEmpty() && busy == 0) { // its silo has not joined yet
      federation.awaitSilo(planned.peek().silo());
      watch.until(new CountDownLatch(1), this::look);
    }
  }

  private List<RunView> look() {
    List<RunView> views = new ArrayList<>();
    busy = 0;
    for (Going one : going) {
      views.add(ended.containsKey(one) ? ended.get(one) : look(one));
    }
    while (busy < Runtime.getRuntime().availableProcessors() && submitNext()) {
      busy++;
      Going newest = going.get(going.size() - 1);
      views.add(federation.run(newest.id()));
    }
    federation.ended().forEach(account::ended);
    federation.news().forEach(watch::say);
    return views;
  }

  private RunView look(Going one) {
    RunView view = federation.run(one.id());
    account.saw(one.planned().row(), view, JobRun.seconds(one.since()));
    if (!view.state().ended()) {
      busy++;
      if (federation.hasEnded(one.planned().silo())) {
        federation.cancel(one.id());
      }
      return view;
    }
    if (view.state() == RunState.COMPLETED) {
      account.kept(view, results.keep(view, one.planned().label()));
    }
    ended.put(one, view);
    return view;
  }

  /** Whether another goes on from now. */
  private boolean submitNext() {
    while (!planned.isEmpty() && federation.hasEnded(planned.peek().silo())) {
      watch.say(planned.remove().row() + " is left out: its silo has ended");
    }
    if (planned.isEmpty()) {
      return false;
    }
    Planned next = planned.peek();
    try {
      if (next.silo().equals(Job.POOLED) && !pooledStarted) {
        pooledStarted = true;
        watch.say("starting " + Job.POOLED + ", a silo with everybody's texts");
        federation.add(job.pooled());
      }
      if (!federation.isHere(next.silo())) {
        return false;
      }
      String file = job.source().replaceFirst("(\\.ya?ml)?$", "." + next.label() + "$1");
      String id = federation.submit(job.submission().trainedBy(next.silo(), job.names()), file);
      planned.remove();
      going.add(new Going(next, id, System.nanoTime()));
      watch.say("for comparison, " + next.row() + ": " + id);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare the comparison " + next.row(), e);
    }
  }
}
