package fedllm.learning.measure;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What a silo keeps to measure with, in batches: examples of like length side by side. */
public final class HeldOut {

  /** Options. */
  public @interface Config {

    /** Examples side by side. */
    @Range(min = 1)
    int batch() default 8;

    /** Tokens of a text that are fed at most. */
    @Range(min = 1)
    int sequence() default 256;

    /** Examples at most; 0 for all. */
    @Range(min = 0)
    int limit() default 0;
  }

  /** Which tokens count, where tokens are foretold. */
  public @interface Counted {

    /** Whether prompts are measured too, or answers alone. */
    @OneOf({"all", "answer"})
    String loss() default "all";
  }

  /** What an example becomes, as {@link Objective.Goal#rows} says. */
  @FunctionalInterface
  public interface Rows {
    /** The rows of the example of that number. */
    List<Row> of(Example example, long number);
  }

  /** Tokens among which examples of like length are put side by side, to pad little. */
  private static final long WINDOW_TOKENS = 1 << 20;

  private HeldOut() {}

  /**
   * Hands every batch over, the same ones in whatever order the examples come.
   *
   * @param places how many places an adapter puts before each text
   * @throws SitsOut when nothing is held out
   */
  public static void read(
      Config config, Site site, Work work, Rows rows, int places, Consumer<Batch> to) {
    long number = 0;
    long targets = 0;
    try (Stream<Example> held = site.data().heldOut()) {
      Iterator<Example> examples =
          (config.limit() == 0 ? held : held.limit(config.limit())).iterator();
      while (examples.hasNext()) {
        List<Row> window = new ArrayList<>();
        for (long read = 0; read < WINDOW_TOKENS && examples.hasNext(); ) {
          number++;
          for (Row row : rows.of(examples.next(), number)) {
            window.add(row);
            read += row.length();
          }
        }
        window.sort(Comparator.comparingInt(Row::length));
        for (int from = 0; from < window.size(); from += config.batch()) {
          int end = Math.min(window.size(), from + config.batch());
          Batch batch = Batch.of(window.subList(from, end), places);
          targets += batch.targets();
          to.accept(batch);
          work.progress().at("example", number - window.size() + end, config.limit());
        }
      }
    }
    if (targets == 0) {
      throw new SitsOut("there is no held-out text to measure with; keep some, or do not measure");
    }
  }
}
