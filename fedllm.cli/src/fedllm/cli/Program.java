package fedllm.cli;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A program of another project, run in a JVM with that project's class path. */
final class Program {

  private Program() {}

  static int run(String project, String type, List<String> arguments)
      throws IOException, InterruptedException {
    Workspace workspace = Workspace.here();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    for (Map.Entry<Object, Object> property : System.getProperties().entrySet()) {
      String name = property.getKey().toString();
      if (name.startsWith("fedllm.")
          || name.startsWith("ai.djl.")
          || name.equals("PYTORCH_LIBRARY_PATH")
          || name.equals("OPT_OUT_TRACKING")) {
        command.add("-D" + name + "=" + property.getValue());
      }
    }
    command.addAll(List.of("-cp", workspace.classPath(project), type));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).inheritIO().start();
    Thread hook = new Thread(process::destroy, "stop-program");
    Runtime.getRuntime().addShutdownHook(hook);
    int code = process.waitFor();
    Runtime.getRuntime().removeShutdownHook(hook);
    return code;
  }
}
