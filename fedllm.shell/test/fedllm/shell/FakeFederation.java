package fedllm.shell;

import fedllm.api.error.Refused;
import fedllm.api.run.DeedView;
import fedllm.api.run.Federation;
import fedllm.api.run.OpenRound;
import fedllm.api.run.OptionView;
import fedllm.api.run.PluginView;
import fedllm.api.run.PublishedView;
import fedllm.api.run.QuarantineView;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.api.run.UsedPlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A federation of one run that does what the test says. */
final class FakeFederation implements Federation {

  final List<String> calls = new ArrayList<>();
  volatile String who = "";
  volatile RunView run = run(RunState.RUNNING, 0);

  static RunView run(RunState state, int closed) {
    List<RoundView> rounds = new ArrayList<>();
    for (int number = 0; number <= closed; number++) {
      rounds.add(round(number));
    }
    return new RunView(
        "demo-1",
        "job.yaml",
        state,
        state == RunState.PAUSED ? "waits for a strategy fedavg" : "",
        "ba5e",
        10,
        List.of(new UsedPlugin("strategy", "fedavg", "0.1.0")),
        rounds,
        state.ended() ? null : new OpenRound(closed + 1, Map.of("bank", "step 12 of 20"), 34),
        state == RunState.COMPLETED ? new ResultView("/state/demo-1", "5eed") : null);
  }

  private static RoundView round(int number) {
    return new RoundView(
        number,
        number == 0 ? List.of() : List.of("bank", "school"),
        number == 2 ? Map.of("clinic", "lacks codec topk 0.2.0") : Map.of(),
        1.5,
        1_500_000,
        2_000_000,
        50_000_000,
        Map.of("bank", Map.of("loss", 4.0 - number), "school", Map.of("loss", 5.0 - number)),
        "0123456789abcdef0123",
        List.of(),
        number == 2 ? List.of("strategy fedavg 0.1.0 -> 0.2.0") : List.of(),
        number == 2 ? Map.of("school", 1) : Map.of());
  }

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public String submit(String yaml, String source) {
    calls.add("submit " + source + ": " + yaml.strip());
    if (yaml.contains("straegy")) {
      throw new Refused(source + ":3: no key is called straegy\nthere are: strategy, trainer");
    }
    return "demo-1";
  }

  @Override
  public List<RunView> runs() {
    return List.of(run);
  }

  @Override
  public RunView run(String id) {
    if (!id.equals("last") && !run.id().startsWith(id)) {
      throw new Refused("no run is called " + id);
    }
    return run;
  }

  @Override
  public List<SiloView> silos() {
    return List.of(new SiloView("bank", "here", 400, "trains round 3", "x86-64, 2 cores, Java 17"));
  }

  @Override
  public List<PluginView> plugins() {
    OptionView share = new OptionView("share", "number", "0.01", "above 0, at most 1");
    return List.of(
        new PluginView(
            "codec",
            "topk",
            "0.1.0",
            "Sends the largest",
            "arXiv:1704.05021",
            List.of(),
            List.of(share),
            List.of("server", "bank")),
        new PluginView(
            "strategy",
            "fedavg",
            "0.1.0",
            "Averages",
            "",
            List.of(),
            List.of(),
            List.of("server")));
  }

  @Override
  public void pause(String id) {
    calls.add("pause " + id);
    run = run(RunState.PAUSED, 1);
  }

  @Override
  public void resume(String id) {
    calls.add("resume " + id);
    run = run(RunState.RUNNING, 1);
  }

  @Override
  public void cancel(String id) {
    calls.add("cancel " + id);
    run = run(RunState.CANCELLED, 1);
  }

  @Override
  public Federation as(String somebody) {
    who = somebody;
    return this;
  }

  private static PublishedView published(boolean withdrawn) {
    return new PublishedView(
        "acme.krum",
        "1.2.0",
        withdrawn ? "" : "abc",
        "MCow",
        "kim",
        0,
        withdrawn,
        Map.of("bank", "runs", "school", "refused: nobody signed it"));
  }

  @Override
  public PublishedView publish(byte[] jar, String signature) {
    calls.add("publish " + jar.length + " bytes, signed " + signature);
    return published(false);
  }

  @Override
  public PublishedView withdraw(String name, String version) {
    calls.add("withdraw " + name + " " + version);
    return published(true);
  }

  @Override
  public List<PublishedView> published() {
    return List.of(published(false));
  }

  @Override
  public List<DeedView> audit() {
    return List.of(
        new DeedView(0, "kim", "server", "publish", "", "acme.krum 1.2.0"),
        new DeedView(1, "lee", "server", "pause", "demo-1", ""));
  }

  @Override
  public List<QuarantineView> quarantine() {
    return List.of(
        new QuarantineView("", -1, "bank", "no record", 0, "fedllm.demo.silo.bank", 7),
        new QuarantineView("demo-1", 3, "bank", "a NaN", 0, "fedllm.demo.silo.bank", 9));
  }
}
