package fedllm.learning.train;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Wraps;
import fedllm.api.random.Philox;
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
 * The lessons of each round. The data is read anew for each window of steps, and only the window's
 * examples become tokens, so that memory does not grow with the data.
 */
public final class Lessons {

  /** Options. */
  public @interface Config {

    /** Optimizer steps in a round; 0 where {@code epochs} counts. */
    @Range(min = 0)
    int steps() default 20;

    /** Passes over the client's examples in a round; 0 where {@code steps} counts. */
    @Range(min = 0)
    int epochs() default 0;

    /** Examples in a step. */
    @Range(min = 1)
    int batch() default 8;

    /**
     * Pieces that a step's examples are computed in, one after the other, for less memory; the step
     * is that of the whole batch.
     */
    @Range(min = 1)
    int accumulate() default 1;

    /** Tokens of a text that are fed at most. */
    @Range(min = 1)
    int sequence() default 256;

    /** Whether short texts share a row of {@code sequence} tokens; none sees another. */
    boolean pack() default false;

    /** Whether each pass takes the examples in an order of its own. */
    boolean shuffle() default true;

    /** Whether prompts are learned too, or answers alone. */
    @OneOf({"all", "answer"})
    String loss() default "all";

    /** What is made small. */
    @Wraps(Objective.class)
    String objective() default "causal-lm";
  }

  /** Tokens that are in memory at one time, if one batch is not more. */
  private static final long WINDOW_TOKENS = 1 << 24;

  private final Site site;
  private final Objective.Goal goal;
  private final int places;
  private final Config config;
  private final int available;
  private final Course course;

  Lessons(Site site, Objective.Goal goal, int places, Config config) {
    this.site = site;
    this.goal = goal;
    this.places = places;
    this.config = config;
    if ((config.steps() == 0) == (config.epochs() == 0)) {
      throw new SitsOut(
          "trainer: one of steps and epochs should be above 0 and the other 0, but steps is "
              + config.steps()
              + " and epochs "
              + config.epochs());
    }
    if (config.accumulate() > config.batch()) {
      throw new SitsOut(
          "trainer.accumulate is "
              + config.accumulate()
              + ", but a batch has "
              + config.batch()
              + " examples; make it smaller");
    }
    if (config.pack() && !goal.packs()) {
      throw new SitsOut(
          "trainer.pack is true, but the objective needs each text in a row of its own; set it to"
              + " false");
    }
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

  /**
   * Hands lessons of the round over, in order.
   *
   * @throws SitsOut where there is none between {@code first} and {@code end}
   */
  void read(int round, long first, long end, Consumer<Lesson> learner) {
    if (first >= end) {
      throw new SitsOut(
          "the round's " + steps() + " steps are too few to share out; raise trainer.of.steps");
    }
    long window = Math.max(1, WINDOW_TOKENS / ((long) config.batch() * config.sequence()));
    for (long from = first; from < end; from += window) {
      List<int[]> picks = new ArrayList<>();
      for (long step = from; step < Math.min(end, from + window); step++) {
        picks.add(pick(round, step));
      }
      Map<Integer, List<Row>> rows = rows(picks, round);
      for (int i = 0; i < picks.size(); i++) {
        learner.accept(new Lesson(from + i, pieces(picks.get(i), rows)));
      }
    }
  }

  private List<Lesson.Piece> pieces(int[] pick, Map<Integer, List<Row>> rows) {
    List<Lesson.Piece> pieces = new ArrayList<>();
    int count = Math.min(pick.length, config.accumulate());
    for (int i = 0; i < count; i++) {
      int[] examples =
          Arrays.copyOfRange(pick, pick.length * i / count, pick.length * (i + 1) / count);
      pieces.add(piece(examples, rows));
    }
    return pieces;
  }

  private Lesson.Piece piece(int[] examples, Map<Integer, List<Row>> rows) {
    List<Row> texts = new ArrayList<>();
    int[] from = new int[examples.length + 1];
    for (int i = 0; i < examples.length; i++) {
      texts.addAll(rows.get(examples[i]));
      from[i + 1] = texts.size();
    }
    return config.pack()
        ? new Lesson.Piece(
            Batch.pack(texts, config.sequence() + places, places), examples, new int[0])
        : new Lesson.Piece(Batch.of(texts, places), examples, from);
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

  private Map<Integer, List<Row>> rows(List<int[]> picks, int round) {
    Map<Integer, List<Row>> rows = new HashMap<>();
    picks.forEach(pick -> Arrays.stream(pick).forEach(example -> rows.put(example, null)));
    int left = rows.size();
    try (Stream<Example> examples = site.data().train()) {
      Iterator<Example> all = examples.iterator();
      for (int number = 0; left > 0 && all.hasNext(); number++) {
        Example example = all.next();
        if (rows.containsKey(number)) {
          Philox random = site.scope().random(round, number, "rows of an example");
          rows.put(number, goal.rows(example, number + 1L, random));
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
