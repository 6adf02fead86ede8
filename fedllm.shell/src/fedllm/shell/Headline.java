package fedllm.shell;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * One of the numbers that people look at first: the loss, and of each evaluator the number that is
 * called as it is itself.
 *
 * @param title such as {@code rouge-l}
 * @param metric what silos report it as, such as {@code rougeL}
 */
public record Headline(String title, String metric) {

  private static final Headline LOSS = new Headline("loss", "loss");

  private static final Pattern LATER_WORD = Pattern.compile("-(\\p{Alnum})");

  /** Those of a run, in the job's order, where any silo measured them. */
  public static List<Headline> of(RunView run) {
    List<Headline> all = new ArrayList<>();
    all.add(LOSS);
    run.plugins().stream()
        .filter(used -> used.kind().equals("evaluator"))
        // A perplexity is the loss in other words.
        .filter(used -> !used.name().equals("perplexity"))
        .map(used -> new Headline(used.name(), camelCase(used.name())))
        .forEach(all::add);
    return all.stream().filter(headline -> run.rounds().stream().anyMatch(headline::in)).toList();
  }

  private static String camelCase(String name) {
    return LATER_WORD.matcher(name).replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
  }

  private boolean in(RoundView round) {
    return round.metrics().values().stream().anyMatch(metrics -> metrics.containsKey(metric));
  }

  /** The mean over the silos that measured a state. */
  public OptionalDouble mean(RoundView round) {
    return round.metrics().values().stream()
        .filter(metrics -> metrics.containsKey(metric))
        .mapToDouble(metrics -> metrics.get(metric))
        .average();
  }
}
