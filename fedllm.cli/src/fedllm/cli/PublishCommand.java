package fedllm.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Unreachable;
import fedllm.api.run.BundleState;
import fedllm.api.run.PublishedView;
import fedllm.cli.node.ShellClient;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "publish",
    description = "Send a plugin's bundle to all nodes, and show what each makes of it.")
final class PublishCommand implements Callable<Integer> {

  private static final long LOOK_EVERY_MS = 200;

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  @Parameters(
      paramLabel = "JAR",
      description = "The bundle; its signature, JAR.sig, is sent with it if there is one.")
  private Path jar;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "How long to wait for the silos that are there to answer; 20.")
  private int seconds;

  @Mixin private ShellTarget target;

  @Override
  public Integer call() {
    Jar.read(jar);
    try (ShellClient shell = target.connect()) {
      String file = ShellClient.quoted(jar.toAbsolutePath().normalize().toString());
      PublishedView view = parse(shell.ask("fedllm:publish --json " + file))[0];
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (!isAnswered(view) && System.nanoTime() < until) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
        view = find(view, parse(shell.ask("fedllm:publish --json")));
      }
      view.where().forEach((node, state) -> System.out.println(node + ": " + state));
      return isAnswered(view) ? 0 : 1;
    }
  }

  private static boolean isAnswered(PublishedView view) {
    return view.where().containsKey("server")
        && view.where().values().stream()
            .noneMatch(s -> s.equals(BundleState.UNKNOWN) || s.equals(BundleState.ARRIVES));
  }

  private static PublishedView find(PublishedView of, PublishedView... all) {
    return Arrays.stream(all)
        .filter(v -> v.name().equals(of.name()) && v.version().equals(of.version()))
        .findFirst()
        .orElse(of);
  }

  private static PublishedView[] parse(String json) {
    try {
      return JSON.readValue(json, PublishedView[].class);
    } catch (JsonProcessingException e) {
      throw new Unreachable("the server's shell answers what this version does not know", e);
    }
  }
}
