package fedllm.trainers.adamw;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.trainer.Site;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Course;
import fedllm.learning.text.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The batches of each round. The data is read anew for each window of batches, and only the
 * window's examples become tokens, so that memory does not grow with the data.
 */
final class Lessons {

  /** Tokens that are in memory at one time, if one batch is not more. */
  private static final long WINDOW_TOKENS = 1 << 24;

  private final Site site;
  private final Objective.Goal goal;
  private final int places;
  private final AdamW.Config config;
  private final int available;
  private final Course course;

  Lessons(Site site, Objective.Goal goal, int places, AdamW.Config config) {
    this.site = site;
    this.goal = goal;
    this.places = places;
    this.config = config;
    try (Stream<Example> examples = site.data().train()) {
      available = Math.toIntExact(examples.count());
    }
    if (available == 0) {
      throw new SitsOut("there is no example to learn from; check the silo's data and template");
    }
    course = new Course(site.scope(), available, config.shuffle());
  }

  /** Steps in a round. */
  long steps() {
    long perPass = (available + config.batch() - 1L) / config.batch();
    return config.epochs() > 0 ? config.epochs() * perPass : config.steps();
  }

  /** How many different examples a round learns from. */
  long examples() {
    return config.epochs() > 0
        ? available
        : Math.min(available, (long) config.steps() * config.batch());
  }

  /** Hands the round's batches over, in order. */
  void read(int round, Consumer<Batch> learner) {
    long steps = steps();
    long window = Math.max(1, WINDOW_TOKENS / ((long) config.batch() * config.sequence()));
    for (long from = 0; from < steps; from += window) {
      List<int[]> picks = new ArrayList<>();
      for (long step = from; step < Math.min(steps, from + window); step++) {
        picks.add(pick(round, step));
      }
      Map<Integer, List<Row>> rows = rows(picks);
      for (int[] pick : picks) {
        List<Row> texts = Arrays.stream(pick).mapToObj(rows::get).flatMap(List::stream).toList();
        learner.accept(Batch.of(texts, places));
      }
    }
  }

  /** The examples of a step. Rounds go on where the one before stopped, whoever learned it. */
  private int[] pick(int round, long step) {
    long rounds = Math.max(0, round - 1L);
    long place = (rounds * config.steps() + step) * config.batch();
    long count = config.batch();
    if (config.epochs() > 0) {
      long perPass = steps() / config.epochs();
      long start = step % perPass * config.batch();
      place = (rounds * config.epochs() + step / perPass) * available + start;
      count = Math.min(count, available - start);
    }
    int[] pick = new int[(int) count];
    for (int i = 0; i < pick.length; i++) {
      pick[i] = course.at(place + i);
    }
    return pick;
  }

  private Map<Integer, List<Row>> rows(List<int[]> picks) {
    Map<Integer, List<Row>> rows = new HashMap<>();
    picks.forEach(pick -> Arrays.stream(pick).forEach(example -> rows.put(example, null)));
    int left = rows.size();
    try (Stream<Example> examples = site.data().train()) {
      Iterator<Example> all = examples.iterator();
      for (int number = 0; left > 0 && all.hasNext(); number++) {
        Example example = all.next();
        if (rows.containsKey(number)) {
          rows.put(number, goal.rows(example, number + 1L));
          left--;
        }
      }
    }
    if (left > 0) {
      throw new SitsOut("the data has fewer examples than when the run began; restore it");
    }
    return rows;
  }
}
