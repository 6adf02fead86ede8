package fedllm.shell;

import fedllm.api.run.BundleView;
import fedllm.api.run.OptionView;
import fedllm.api.run.PluginView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.api.run.UsedPlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the commands answer, as tables. */
public final class Tables {

  private static final int SHOWN_HASH = 12;

  private Tables() {}

  static String runs(List<RunView> runs) {
    if (runs.isEmpty()) {
      return "no runs yet; submit a job\n";
    }
    Columns table = Columns.of("RUN", "STATE", "ROUND", "MEASURED", "JOB", "SAYS");
    for (RunView run : runs) {
      table.row(
          run.id(),
          run.state(),
          RunText.rounds(run),
          String.join(", ", RunText.measured(run)),
          run.job(),
          run.says());
    }
    return table.toString();
  }

  static String run(RunView run) {
    Columns facts =
        new Columns()
            .row("run", run.id())
            .row("job", run.job())
            .row("state", run.state() + (run.says().isEmpty() ? "" : ": " + run.says()))
            .row("base", run.base())
            .row(
                "plugins",
                run.plugins().stream().map(UsedPlugin::toString).collect(Collectors.joining(", ")));
    if (run.result() != null) {
      facts.row("result", run.result().adapter()).row("sha256", run.result().sha256());
    }
    String now = String.join("\n", RunText.now(run)) + "\n";
    return facts + now + (run.rounds().isEmpty() ? "" : rounds(run));
  }

  static String rounds(RunView run) {
    if (run.rounds().isEmpty()) {
      return "no round of " + run.id() + " has closed yet\n";
    }
    List<Headline> headlines = Headline.of(run);
    List<String> titles =
        new ArrayList<>(List.of("ROUND", "MEMBERS", "SECONDS", "UP", "AS FP32", "DOWN"));
    headlines.forEach(headline -> titles.add(headline.title().toUpperCase(Locale.ROOT)));
    titles.add("SHA-256");
    Columns table = Columns.of(titles.toArray(String[]::new));
    StringBuilder notes = new StringBuilder();
    for (RoundView round : run.rounds()) {
      List<Object> cells = new ArrayList<>();
      cells.add(round.number());
      cells.add(String.join(",", round.members()));
      cells.add(String.format(Locale.ROOT, "%.2f", round.seconds()));
      cells.add(Numbers.bytes(round.bytesUp()));
      cells.add(Numbers.bytes(round.bytesFp32()));
      cells.add(Numbers.bytes(round.bytesDown()));
      headlines.forEach(headline -> cells.add(Numbers.metric(headline.mean(round))));
      cells.add(round.sha256().substring(0, Math.min(SHOWN_HASH, round.sha256().length())));
      table.row(cells.toArray());
      String where = "round " + round.number() + ": ";
      new TreeMap<>(round.absent())
          .forEach((who, why) -> notes.append(where + who + " absent: " + why + "\n"));
      round.changes().forEach(change -> notes.append(where + change + "\n"));
    }
    return table.toString() + notes;
  }

  static String silos(List<SiloView> silos) {
    if (silos.isEmpty()) {
      return "no silo has joined yet\n";
    }
    Columns table = Columns.of("SILO", "STATE", "HEARD OF", "DOES", "HOST");
    for (SiloView silo : silos) {
      String heard = Numbers.seconds(silo.lastSeenMs() / 1000.0) + " ago";
      table.row(silo.name(), silo.state(), heard, silo.doing(), silo.host());
    }
    return table.toString();
  }

  static String bundles(List<BundleView> bundles) {
    if (bundles.isEmpty()) {
      return "the plugins folder is empty\n";
    }
    Columns table = Columns.of("FILE", "BUNDLE", "VERSION", "STATE", "SAYS");
    for (BundleView bundle : bundles) {
      table.row(bundle.file(), bundle.name(), bundle.version(), bundle.state(), bundle.says());
    }
    return table.toString();
  }

  /** Plugins, a line each. */
  public static String methods(List<PluginView> plugins) {
    Columns table = Columns.of("KIND", "NAME", "VERSION", "PAPER", "DOES", "WHERE");
    for (PluginView plugin : plugins) {
      table.row(
          plugin.kind(),
          plugin.name(),
          plugin.version(),
          plugin.paper(),
          plugin.does(),
          String.join(",", plugin.where()));
    }
    return table.toString();
  }

  /** What plugins accept. */
  public static String options(List<PluginView> plugins) {
    Columns table = Columns.of("METHOD", "OPTION", "TYPE", "DEFAULT", "ACCEPTS");
    for (PluginView plugin : plugins) {
      for (OptionView option : plugin.options()) {
        table.row(plugin.name(), option.name(), option.type(), option.preset(), option.range());
      }
    }
    return table.toString();
  }
}
