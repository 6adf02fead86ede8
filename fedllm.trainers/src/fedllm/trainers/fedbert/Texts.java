package fedllm.trainers.fedbert;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.api.trainer.Site;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Course;
import fedllm.learning.text.Row;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The batch of each step, all of one size: a function of the step, so that any phase finds it
 * again.
 */
final class Texts {

  /** Steps whose texts are read at once. */
  private static final int AT_ONCE = 16;

  private final Site site;
  private final Objective.Goal goal;
  private final int batch;
  private final int length;
  private final int available;
  private final Course course;
  private final Map<Integer, Batch> batches = new HashMap<>();

  Texts(Site site, Objective.Goal goal, int batch, int length) {
    this.site = site;
    this.goal = goal;
    this.batch = batch;
    this.length = length;
    try (Stream<Example> examples = site.data().train()) {
      available = Math.toIntExact(examples.count());
    }
    course = new Course(site.scope(), Math.max(1, available), true);
  }

  /** The batch of a step, filled up to the length. */
  Batch at(int step) {
    if (available == 0) {
      throw new SitsOut("there is no example to learn from; check the silo's data and template");
    }
    if (!batches.containsKey(step)) {
      batches.clear();
      read(step);
    }
    return batches.get(step);
  }

  private void read(int first) {
    Map<Integer, Map<Integer, Row>> rows = new TreeMap<>(); // by example, then by place
    for (int place = first * batch; place < (first + AT_ONCE) * batch; place++) {
      rows.computeIfAbsent(course.at(place), example -> new TreeMap<>()).put(place, null);
    }
    try (Stream<Example> examples = site.data().train()) {
      Iterator<Example> all = examples.iterator();
      for (int number = 0; all.hasNext(); number++) {
        Example example = all.next();
        for (Map.Entry<Integer, Row> at : rows.getOrDefault(number, Map.of()).entrySet()) {
          at.setValue(row(example, number + 1L, at.getKey()));
        }
      }
    }
    Map<Integer, Row> byPlace = new HashMap<>();
    rows.values().forEach(byPlace::putAll);
    for (int step = first; step < first + AT_ONCE; step++) {
      int from = step * batch;
      List<Row> texts = IntStream.range(from, from + batch).mapToObj(byPlace::get).toList();
      batches.put(step, filled(Batch.of(texts)));
    }
  }

  private Row row(Example example, long number, int place) {
    Philox random = site.scope().random(0, place, "rows of an example");
    List<Row> rows = goal.rows(example, number, random);
    if (rows.size() != 1 || rows.get(0).length() > length) {
      throw new SitsOut(
          "example %d makes %d rows, the first of %d tokens; one of at most %d can be split"
              .formatted(number, rows.size(), rows.get(0).length(), length));
    }
    return rows.get(0);
  }

  private Batch filled(Batch texts) {
    boolean perToken = texts.labels().length == texts.ids().length;
    return new Batch(
        batch,
        length,
        filled(texts.ids(), texts.length(), 0),
        filled(texts.segments(), texts.length(), 0),
        texts.types().length == 0 ? texts.types() : filled(texts.types(), texts.length(), 0),
        perToken ? filled(texts.labels(), texts.length(), Batch.NONE) : texts.labels(),
        false,
        texts.tokens(),
        texts.targets());
  }

  private long[] filled(long[] values, int from, long with) {
    long[] filled = new long[batch * length];
    Arrays.fill(filled, with);
    for (int row = 0; row < batch; row++) {
      System.arraycopy(values, row * from, filled, row * length, from);
    }
    return filled;
  }

  /** How many tokens each text of a batch has. */
  static float[] lengths(Batch batch) {
    float[] lengths = new float[batch.rows()];
    for (int i = 0; i < batch.segments().length; i++) {
      lengths[i / batch.length()] += batch.segments()[i] == 0 ? 0 : 1;
    }
    return lengths;
  }

  /** A batch of texts of which nothing is known but their lengths. */
  static Batch blind(float[] lengths, int length) {
    long[] segments = new long[lengths.length * length];
    long[] labels = new long[segments.length];
    Arrays.fill(labels, Batch.NONE);
    long tokens = 0;
    for (int row = 0; row < lengths.length; row++) {
      if (!(lengths[row] >= 1 && lengths[row] <= length)) {
        throw new SitsOut("a text of " + lengths[row] + " tokens came, in room for " + length);
      }
      Arrays.fill(segments, row * length, row * length + (int) lengths[row], 1);
      tokens += (long) lengths[row];
    }
    return new Batch(
        lengths.length,
        length,
        new long[segments.length],
        segments,
        new long[0],
        labels,
        false,
        tokens,
        0);
  }
}
