package fedllm.shell;

import fedllm.api.error.Refused;
import fedllm.api.run.Federation;
import fedllm.api.run.PluginView;
import fedllm.api.run.RunView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.felix.service.command.CommandSession;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What people ask of a federation, as Gogo commands. Safe for many threads. */
@Component(
    service = FederationCommands.class,
    property = {
      "osgi.command.scope=fedllm",
      "osgi.command.function=runs",
      "osgi.command.function=run",
      "osgi.command.function=submit",
      "osgi.command.function=silos",
      "osgi.command.function=rounds",
      "osgi.command.function=methods",
      "osgi.command.function=pause",
      "osgi.command.function=resume",
      "osgi.command.function=cancel",
      "osgi.command.function=watch"
    })
public final class FederationCommands {

  private final Console console;

  /** The commands of this node; only a server has a federation. */
  @Activate
  public FederationCommands(
      BundleContext context,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Federation federation) {
    this(context.getProperty("fedllm.role") + " " + context.getProperty("fedllm.name"), federation);
  }

  FederationCommands(String node, Federation federation) {
    this.console = new Console(node, federation);
  }

  /** Lists all runs. */
  public String runs(String... words) {
    return answer(Call.of(Command.RUNS, words), call -> federation().runs(), Tables::runs);
  }

  /** Shows one run. */
  public String run(String... words) {
    return answer(Call.of(Command.RUN, words), call -> federation().run(call.value()), Tables::run);
  }

  /** Takes a job. */
  public String submit(CommandSession session, String... words) {
    return answer(
        Call.of(Command.SUBMIT, words),
        call -> Map.of("id", submit(console.of(session), Path.of(call.value()))),
        answer -> answer.get("id") + "\n");
  }

  /** Lists the silos. */
  public String silos(String... words) {
    return answer(Call.of(Command.SILOS, words), call -> federation().silos(), Tables::silos);
  }

  /** Lists the closed rounds of a run. */
  public String rounds(String... words) {
    Call call = Call.of(Command.ROUNDS, words);
    if (call.json() && !call.help()) {
      return Json.text(federation().run(call.value()).rounds());
    }
    return answer(call, asked -> federation().run(asked.value()), Tables::rounds);
  }

  /** Lists the plugins; with the options where a kind is named. */
  public String methods(String... words) {
    Call call = Call.of(Command.METHODS, words);
    return answer(
        call,
        asked -> asked.values().isEmpty() ? federation().plugins() : ofKind(asked.value()),
        plugins ->
            call.values().isEmpty()
                ? Tables.methods(plugins)
                : Tables.methods(plugins) + Tables.options(plugins));
  }

  /** Pauses a run at the next round's boundary. */
  public String pause(CommandSession session, String... words) {
    return changed(Call.of(Command.PAUSE, words), id -> console.of(session).pause(id));
  }

  /** Lets a paused run go on. */
  public String resume(CommandSession session, String... words) {
    return changed(Call.of(Command.RESUME, words), id -> console.of(session).resume(id));
  }

  /** Ends a run now. */
  public String cancel(CommandSession session, String... words) {
    return changed(Call.of(Command.CANCEL, words), id -> console.of(session).cancel(id));
  }

  /** Follows a run until it ends or the asker hangs up. */
  public String watch(CommandSession session, String... words) throws InterruptedException {
    Call call = Call.of(Command.WATCH, words);
    if (call.help()) {
      return call.command().help();
    }
    boolean terminal = Boolean.parseBoolean(String.valueOf(session.get(Watch.TERMINAL)));
    Watch watch = new Watch(session.getConsole(), call.json(), terminal);
    CountDownLatch hungUp =
        session.get(Watch.HUNG_UP) instanceof CountDownLatch latch ? latch : new CountDownLatch(1);
    String id = federation().run(call.value()).id();
    watch.until(hungUp, () -> List.of(federation().run(id)));
    return null;
  }

  private <T> String answer(Call call, Function<Call, T> ask, Function<T, String> show) {
    if (call.help()) {
      return call.command().help();
    }
    T answer = ask.apply(call);
    return call.json() ? Json.text(answer) : show.apply(answer);
  }

  private String changed(Call call, Consumer<String> change) {
    return answer(
        call,
        asked -> {
          String id = federation().run(asked.value()).id();
          change.accept(id);
          return federation().run(id);
        },
        (RunView run) -> RunText.standing(run) + "\n");
  }

  private static String submit(Federation federation, Path file) {
    try {
      return federation.submit(Files.readString(file), file.getFileName().toString());
    } catch (IOException e) {
      throw new Refused("cannot read the job " + file.toAbsolutePath() + ": " + e.getMessage(), e);
    }
  }

  private List<PluginView> ofKind(String kind) {
    List<PluginView> all = federation().plugins();
    List<PluginView> some = all.stream().filter(plugin -> plugin.kind().equals(kind)).toList();
    if (some.isEmpty()) {
      List<String> kinds = all.stream().map(PluginView::kind).distinct().sorted().toList();
      throw new Refused("no plugin here is a " + kind + "; there are " + String.join(", ", kinds));
    }
    return some;
  }

  private Federation federation() {
    return console.federation();
  }
}
