package fedllm.cli.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node to start, which reads all of it from system properties.
 *
 * @param role {@code server} or {@code silo}
 * @param federation its federation
 * @param name its name there
 * @param state its own folder
 * @param plugins the folder that it watches for plugins
 * @param kafka properties for Kafka's clients
 * @param silo a silo's own file, or null
 * @param shell where its shell listens
 * @param local whether one user runs the whole federation, so that a job's paths mean something
 */
public record NodeSpec(
    String role,
    String federation,
    String name,
    Path state,
    Path plugins,
    Path kafka,
    Path silo,
    Path shell,
    boolean local) {

  /** What the user sees of the tensor engine's own properties is set by {@code ./fedllm}. */
  private static final List<String> PASSED_ON =
      List.of(
          "PYTORCH_LIBRARY_PATH",
          "ai.djl.offline",
          "OPT_OUT_TRACKING",
          "fedllm.compute",
          "fedllm.device",
          "fedllm.approved");

  /**
   * The second compiler waits until something is hot for real, such as SHA-256: while a node starts
   * it would take a quarter of the time. Eight times Java's own numbers, or nearly so.
   */
  private static final List<String> LATE_SECOND_COMPILER =
      List.of(
          "-XX:Tier4InvocationThreshold=40000",
          "-XX:Tier4MinInvocationThreshold=5000",
          "-XX:Tier4CompileThreshold=100000",
          "-XX:Tier4BackEdgeThreshold=300000");

  /**
   * A broker's answer is one array of 8 to 16 MB. In the survivors that Java chooses there is no
   * room for it: all of them would go to the old generation, and end in full collections.
   */
  private static final List<String> ROOM_FOR_ANSWERS =
      List.of("-Xmn256m", "-XX:SurvivorRatio=2", "-XX:TargetSurvivorRatio=90");

  private static final int NATIVE_ACCESS_IS_ASKED_FOR_SINCE = 22;

  /** The command line. */
  List<String> command(Workspace workspace) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(role.equals("silo") ? "-Xmx1g" : "-Xmx512m");
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Dfile.encoding=UTF-8"));
    command.addAll(ROOM_FOR_ANSWERS);
    command.addAll(LATE_SECOND_COMPILER);
    if (Runtime.version().feature() >= NATIVE_ACCESS_IS_ASKED_FOR_SINCE) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    property(command, "fedllm.role", role);
    property(command, "fedllm.federation", federation);
    property(command, "fedllm.name", name);
    property(command, "fedllm.state", state);
    property(command, "fedllm.plugins", plugins);
    property(command, "fedllm.kafka", kafka);
    property(command, "fedllm.silo", silo);
    property(command, "fedllm.shell", shell);
    property(command, "fedllm.local", local ? true : null);
    property(command, "fedllm.parent", ProcessHandle.current().pid());
    property(command, "fedllm.log", log());
    property(command, "org.ops4j.pax.logging.StaticLogbackFile", workspace.logging());
    property(command, "org.osgi.framework.storage", state.resolve("bundles"));
    // What lies below the framework cannot reach its log.
    property(command, "org.slf4j.simpleLogger.defaultLogLevel", "warn");
    property(command, "org.slf4j.simpleLogger.log.ai.djl.util.cuda", "error");
    property(command, "java.io.tmpdir", temporary());
    PASSED_ON.forEach(name -> property(command, name, System.getProperty(name)));
    command.addAll(List.of("-cp", workspace.nodeClassPath(role), "fedllm.launch.Main"));
    command.add(workspace.run(role).toString());
    return command;
  }

  /** What the node writes as it works. */
  Path log() {
    return state.resolve("node.log");
  }

  /** What reaches standard output and error: nothing, unless Java itself has something to say. */
  Path output() {
    return state.resolve("node.out");
  }

  /** For files that must not outlive the node's state. */
  Path temporary() {
    return state.resolve("tmp");
  }

  private static void property(List<String> command, String name, Object value) {
    if (value != null) {
      command.add("-D" + name + "=" + value);
    }
  }
}
