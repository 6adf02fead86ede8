package fedllm.chaos;

import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Gives each node what a machine of its own would have, as far as this one permits: a network that
 * can be cut, a small disk that can be full, a clock that can be wrong. One thread.
 */
final class Machines implements AutoCloseable {

  /** Where the broker is heard. */
  private static final String BROKER = "10.78.0.1";

  private static final String DISK = "256m";

  /** Set in the process that has namespaces of its own. */
  private static final String INSIDE = "fedllm.chaos.inside";

  private static final String ENTER = "mount -t tmpfs none /run; ip link set lo up; ";

  private final boolean inside;
  private final Optional<Path> faketime;
  private final Path work;
  private final Map<String, Path> disks = new LinkedHashMap<>();

  private Machines(Path work, boolean inside, Optional<Path> faketime) {
    this.work = work;
    this.inside = inside;
    this.faketime = faketime;
  }

  /** All nodes share what this machine has. */
  static Machines one(Path work) {
    return new Machines(work, false, Optional.empty());
  }

  /** One for each node, of which the rest of this machine sees nothing. To be made once. */
  static Machines many(Path work) {
    Machines machines = new Machines(work, Boolean.getBoolean(INSIDE), faketime());
    if (machines.inside) {
      machines.run("ip", "link", "add", "wire", "type", "bridge");
      machines.run("ip", "addr", "add", BROKER + "/24", "dev", "wire");
      machines.run("ip", "link", "set", "wire", "up");
    }
    return machines;
  }

  /**
   * Runs this program once more in namespaces of its own, whose processes all end with it; empty
   * where it is there already, or where this machine does not permit them.
   */
  static Optional<Integer> entered(String... arguments) throws IOException {
    if (Boolean.getBoolean(INSIDE) || !arePermitted()) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(unshare());
    command.addAll(List.of("sh", "-euc", ENTER + "exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData"); // process 1 there is not the only one of this machine
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-D" + INSIDE + "=true", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().remove("XDG_RUNTIME_DIR"); // it lies in /run
    Process process = builder.start();
    // Which unshare leaves to its child; all in there end with it.
    Thread hook = new Thread(process::destroyForcibly, "stop-inside");
    Runtime.getRuntime().addShutdownHook(hook);
    int code = await(process);
    Runtime.getRuntime().removeShutdownHook(hook);
    return Optional.of(code);
  }

  private static List<String> unshare() {
    return List.of(
        "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc");
  }

  private static boolean arePermitted() throws IOException {
    List<String> command = new ArrayList<>(unshare());
    command.addAll(List.of("sh", "-euc", ENTER + "ip link add wire type bridge"));
    try {
      return await(new ProcessBuilder(command).redirectErrorStream(true).start()) == 0;
    } catch (IOException e) {
      return false; // there is no unshare
    }
  }

  private static Optional<Path> faketime() {
    try (Stream<Path> kinds = Files.list(Path.of("/usr/lib"))) {
      return kinds
          .map(kind -> kind.resolve("faketime/libfaketime.so.1"))
          .filter(Files::exists)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Why a fault cannot be made here; empty if it can. */
  String lacks(Fault fault) {
    return switch (fault) {
      case KILLED, PAUSED -> "";
      case CUT, FULL -> inside ? "" : "only root may have namespaces of networks and mounts here";
      case CLOCK -> faketime.isPresent() ? "" : "there is no libfaketime (Debian: faketime)";
    };
  }

  /** Where a broker has to listen, so that all nodes reach it. */
  String broker() {
    return inside ? BROKER : "127.0.0.1";
  }

  /** Makes a node's machine; answers the words before its command line. */
  List<String> add(String node, Path state) throws IOException {
    List<String> before = new ArrayList<>();
    if (inside) {
      String address = "10.78.0.%d/24".formatted(2 + disks.size());
      disks.put(node, state);
      run("ip", "netns", "add", node);
      run("ip", "link", "add", link(node), "type", "veth", "peer", "name", "eth0", "netns", node);
      run("ip", "link", "set", link(node), "master", "wire", "up");
      run("ip", "-n", node, "addr", "add", address, "dev", "eth0");
      run("ip", "-n", node, "link", "set", "eth0", "up");
      run("ip", "-n", node, "link", "set", "lo", "up");
      before.addAll(List.of("nsenter", "--net=/run/netns/" + node));
      Files.createDirectories(state);
      run("mount", "-t", "tmpfs", "-o", "mode=700,size=" + DISK, "none", state.toString());
    }
    if (faketime.isPresent()) {
      Files.writeString(clock(node), "+0\n");
      before.addAll(
          List.of(
              "env",
              "LD_PRELOAD=" + faketime.get(),
              "FAKETIME_TIMESTAMP_FILE=" + clock(node),
              "FAKETIME_CACHE_DURATION=1",
              "FAKETIME_DONT_FAKE_MONOTONIC=1",
              "FAKETIME_FORCE_MONOTONIC_FIX=0")); // else Java's waits end at once
    }
    return before;
  }

  private Path clock(String node) {
    return work.resolve(node + ".clock");
  }

  private static String link(String node) {
    return "to-" + node;
  }

  /** Plugs the cable of a node in or out. */
  void cable(String node, boolean in) {
    run("ip", "link", "set", link(node), in ? "up" : "down");
  }

  /** Steps a node's clock. */
  void clock(String node, long seconds) {
    try {
      Files.writeString(clock(node), "+" + seconds + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("the clock of " + node + " cannot be stepped", e);
    }
  }

  /** Fills a node's disk, so that not one byte more can be written. */
  void fill(Path state) {
    byte[] block = new byte[1 << 12];
    try (OutputStream out =
        Files.newOutputStream(
            state.resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space")) {
        throw new UncheckedIOException("the disk of " + state + " cannot be filled", e);
      }
    }
  }

  /** Gives a node's disk room again. */
  void empty(Path state) {
    try {
      Files.delete(state.resolve("filler"));
    } catch (IOException e) {
      throw new UncheckedIOException("the disk of " + state + " cannot be emptied", e);
    }
  }

  /** Sends a signal, such as STOP. */
  void signal(ProcessHandle process, String signal) {
    run("kill", "-" + signal, Long.toString(process.pid()));
  }

  /** Takes the disks away, once nobody uses them; logs are left. */
  @Override
  public void close() {
    disks.forEach(
        (node, state) -> {
          try {
            if (Files.exists(state.resolve("node.log"))) {
              Files.copy(state.resolve("node.log"), work.resolve(node + ".log"));
            }
          } catch (IOException e) {
            throw new UncheckedIOException("the log of " + node + " cannot be kept", e);
          }
          run("umount", state.toString());
        });
  }

  private void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (await(process) != 0) {
        throw new Refused(String.join(" ", command) + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    }
  }

  private static int await(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new Ends("interrupted while another program ran", e);
    }
  }
}
