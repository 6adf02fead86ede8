package fedllm.evaluate;

import fedllm.api.data.Data;
import fedllm.api.error.Refused;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Choice;
import fedllm.api.trainer.Progress;
import fedllm.api.trainer.Work;
import fedllm.cli.Standalone;
import fedllm.cli.data.Views;
import fedllm.cli.evaluate.EvaluateOptions;
import fedllm.cli.node.Workspace;
import fedllm.learning.base.Compute;
import fedllm.learning.measure.Spent;
import fedllm.learning.peft.Adapters;
import fedllm.learning.storage.Floating;
import fedllm.learning.storage.Storage;
import fedllm.runtime.data.FileData;
import fedllm.runtime.job.JobCheck;
import fedllm.runtime.job.Spec;
import fedllm.runtime.plugin.Holdings;
import fedllm.runtime.plugin.Installed;
import fedllm.runtime.plugin.OptionSpec;
import fedllm.runtime.plugin.PluginInfo;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The program behind {@code fedllm evaluate}, whose arguments it takes. */
@Command(name = "evaluate")
public final class Main implements Callable<Integer> {

  private static final String PLACE = "the command line";
  private static final String KIND = Installed.kindOf(Evaluator.class.getName());
  private static final String FP32 = "fp32";
  private static final String SEQUENCE = "sequence";

  /** Tokens of a text that are read at most where nobody says otherwise. */
  private static final int LONGEST = 1024;

  @Mixin private EvaluateOptions options;

  // These two came as properties, too, and are read from there.
  @SuppressWarnings("UnusedVariable")
  @Option(names = "--compute")
  private String route;

  @SuppressWarnings("UnusedVariable")
  @Option(names = "--device")
  private String device;

  /** Runs the program. */
  public static void main(String[] args) {
    Standalone.run(new Main(), args);
  }

  @Override
  public Integer call() throws IOException {
    Compute compute = Compute.ofSystem();
    try (Measuring plugins = Measuring.open(Workspace.here().plugins(), compute);
        Holdings holdings = new Holdings(plugins.all(), Map.of())) {
      int context = plugins.bases().architecture(options.model(), null).context();
      Map<String, Object> values = new HashMap<>(options.values());
      values.putIfAbsent(SEQUENCE, Math.min(LONGEST, context));
      Map<String, Choice<Evaluator>> metrics = metrics(values, plugins.all().infos(), holdings);
      Choice<Storage> storage = storage(holdings, plugins.all().infos());
      Subject subject =
          new Subject(
              options.model(),
              options.adapter(),
              new Adapters(plugins.methods()),
              plugins.bases().weights(options.model(), null),
              storage,
              data(plugins.all().infos(), holdings),
              options.heldOutOnly());
      String held = options.storage() == null ? title(compute) : options.storage();
      Report report = new Report(options, compute, held);
      measure(metrics, subject, plugins, report);
      OptionalLong peakBytes = Spent.peakBytes();
      System.out.print(report.text(peakBytes));
      if (options.json() != null) {
        report.write(options.json(), peakBytes);
      }
    }
    return 0;
  }

  private static String title(Compute compute) {
    return compute.precision().storage() == Floating.BF16 ? "bf16" : FP32;
  }

  private Data data(List<PluginInfo> infos, Holdings holdings) {
    return new FileData(
        new Views(infos, options.templates()).ofFile(options.entry()).get(0).spec(),
        holdings::choose);
  }

  private Choice<Storage> storage(Holdings holdings, List<PluginInfo> infos) {
    String name = options.storage();
    if (name == null) {
      return null;
    }
    if (name.equals(FP32)) {
      return new Choice<>(Floating.FP32, null);
    }
    String kind = Installed.kindOf(Storage.class.getName());
    new JobCheck(infos).check(PLACE, new Spec(kind, name, Map.of(), 1));
    return holdings.choose(Storage.class, name, Map.of());
  }

  /** Each option goes to all evaluators that have it, and at least one must. */
  private Map<String, Choice<Evaluator>> metrics(
      Map<String, Object> values, List<PluginInfo> infos, Holdings holdings) {
    Map<String, Choice<Evaluator>> metrics = new LinkedHashMap<>();
    Set<String> taken = new TreeSet<>();
    Set<String> known = new TreeSet<>();
    for (String name : options.metrics()) {
      Map<String, Object> own = new HashMap<>();
      for (PluginInfo info : infos) {
        if (info.kind().equals(KIND) && info.name().equals(name)) {
          for (OptionSpec option : info.options()) {
            known.add(option.name());
            if (values.containsKey(option.name())) {
              own.put(option.name(), values.get(option.name()));
            }
          }
        }
      }
      taken.addAll(own.keySet());
      new JobCheck(infos).check(PLACE, new Spec(KIND, name, own, 1));
      metrics.put(name, holdings.choose(Evaluator.class, name, own));
    }
    Set<String> left = new TreeSet<>(options.values().keySet());
    left.removeAll(taken);
    if (!left.isEmpty()) {
      throw new Refused(
          "no metric that is asked for has an option " + left + "; they have " + known);
    }
    return metrics;
  }

  /** Evaluations stay open until the last is done, so that the model is read once. */
  private static void measure(
      Map<String, Choice<Evaluator>> metrics, Subject subject, Measuring plugins, Report report) {
    Deque<Evaluation> open = new ArrayDeque<>();
    try {
      metrics.forEach(
          (name, metric) -> {
            Spent start = Spent.now();
            Evaluation evaluation = metric.plugin().open(metric.options(), subject);
            open.push(evaluation);
            report.opened(plugins.bases().bytes(), Spent.now().since(start).seconds());
            Spent opened = Spent.now();
            Map<String, Double> numbers =
                evaluation.evaluate(new Work(0, Map.of(), progress(name)), subject.values());
            report.add(new Measured(name, numbers, Spent.now().since(opened)));
          });
    } finally {
      open.forEach(Evaluation::close);
    }
  }

  private static Progress progress(String name) {
    if (!Boolean.getBoolean("fedllm.terminal")) {
      return (what, done, of) -> {};
    }
    return (what, done, of) ->
        System.err.print(
            "\r" + name + ": " + what + " " + done + (of > 0 ? " of " + of : "") + "\033[K\r");
  }
}
