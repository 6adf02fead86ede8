package fedllm.cli.node;

import fedllm.api.error.Ends;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A node that runs in a process of its own. */
public final class Node {

  private static final int SHOWN_LINES = 12;

  /** A line of the log: when, and what. */
  private static final Pattern ERROR = Pattern.compile("(\\S+) ERROR \\[[^]]*] \\S+ (.*)");

  private static final long STOP_SECONDS = 15;

  /** Exit codes of an end that was wanted: by itself, SIGINT, SIGTERM. */
  private static final Set<Integer> IN_ORDER = Set.of(0, 130, 143);

  private final NodeSpec spec;
  private final List<String> before;
  private final Process process;
  private final Instant started = Instant.now();

  private Node(NodeSpec spec, List<String> before, Process process) {
    this.spec = spec;
    this.before = before;
    this.process = process;
  }

  /** Starts a node; it is not ready yet. */
  public static Node start(NodeSpec spec, Workspace workspace) {
    return start(spec, workspace, List.of());
  }

  /** The same by another program, whose words come before the command line and that becomes it. */
  public static Node start(NodeSpec spec, Workspace workspace, List<String> before) {
    List<String> command = new ArrayList<>(before);
    command.addAll(spec.command(workspace));
    try {
      Files.createDirectories(
          spec.state(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createDirectories(spec.temporary());
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.from(new File("/dev/null")))
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(spec.output().toFile()))
              .start();
      return new Node(spec, List.copyOf(before), process);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + spec.role() + " " + spec.name(), e);
    }
  }

  /** Starts it once more after its end, with what it left on the disk. */
  public Node again(Workspace workspace) {
    return start(spec, workspace, before);
  }

  /** Its name in the federation. */
  public String name() {
    return spec.name();
  }

  /** Its process. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /** Where its shell listens. */
  public Path shell() {
    return spec.shell();
  }

  /** Where it writes what it does. */
  public Path log() {
    return spec.log();
  }

  /** Whether its process has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it ended because somebody told it to: by itself in order, or by a signal for that. */
  public boolean endedInOrder() {
    return !isAlive() && IN_ORDER.contains(process.exitValue());
  }

  /** How it ended, and the last that it wrote. */
  public String lastWords() {
    return "the %s %s ended with code %d; the last it wrote to %s:\n%s"
        .formatted(spec.role(), spec.name(), process.exitValue(), spec.log(), lastLines());
  }

  /** How it ended, in short. */
  public String ending() {
    return "its process ended with code " + process.exitValue();
  }

  /** Fails with the last that the node wrote, if it has ended. */
  public void refuseDead() {
    if (!isAlive()) {
      throw new Ends(lastWords());
    }
  }

  /** Waits for its end, and says its exit code. */
  public int await() throws InterruptedException {
    return process.waitFor();
  }

  /** Asks it to end; {@link #awaitStop} waits. */
  public void stop() {
    process.destroy();
  }

  /** Waits for the end, and forces it if it does not come. */
  public void awaitStop() {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The last error in its log since it was started, without where in the program it arose. */
  public String lastError() {
    try (Stream<String> lines = Files.lines(spec.log())) {
      return lines
          .map(ERROR::matcher)
          .filter(Matcher::matches)
          .filter(line -> !OffsetDateTime.parse(line.group(1)).toInstant().isBefore(started))
          .map(line -> line.group(2))
          .reduce((earlier, later) -> later)
          .orElse("its log says no reason: " + spec.log());
    } catch (IOException | UncheckedIOException e) {
      return spec.log() + " cannot be read: " + e.getMessage();
    }
  }

  private String lastLines() {
    StringBuilder text = new StringBuilder();
    for (Path file : List.of(spec.log(), spec.output())) {
      try {
        if (Files.exists(file)) {
          List<String> lines =
              new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
          lines
              .subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())
              .forEach(line -> text.append("  ").append(line).append('\n'));
        }
      } catch (IOException e) {
        text.append("  (")
            .append(file)
            .append(" cannot be read: ")
            .append(e.getMessage())
            .append(")\n");
      }
    }
    return text.toString().stripTrailing();
  }
}
