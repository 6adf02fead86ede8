package fedllm.cli;

import fedllm.api.error.Unreachable;
import fedllm.cli.node.Node;
import fedllm.cli.node.NodeSpec;
import fedllm.cli.node.ShellClient;
import fedllm.cli.node.Workspace;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Shows one node's life on standard output, until it ends or is asked to. */
final class Foreground {

  private static final int LOOK_EVERY_MS = 500;

  private Foreground() {}

  static int run(NodeSpec spec, Workspace workspace) throws InterruptedException {
    Node node = Node.start(spec, workspace);
    Thread hook =
        new Thread(
            () -> {
              say("stopping");
              node.stop();
              node.awaitStop();
              say("stopped");
            },
            "stop-node");
    Runtime.getRuntime().addShutdownHook(hook);
    say(spec.role() + " " + spec.name() + " of " + spec.federation() + " starts");
    say("log     " + node.log());
    say("plugins " + spec.plugins());
    while (!ShellClient.answers(spec.shell()) && !ended(node)) {
      node.refuseDead();
    }
    node.refuseDead();
    say("ready; its shell: fedllm shell --node " + spec.name() + "@" + spec.federation());
    if (spec.role().equals("server")) {
      showNews(node);
    }
    int code = node.await();
    say("ended with code " + code);
    if (code != 0) {
      say(node.lastError());
    }
    Runtime.getRuntime().removeShutdownHook(hook);
    return code;
  }

  private static void showNews(Node node) throws InterruptedException {
    ServerNews news = new ServerNews(Foreground::say);
    try (ShellClient shell = new ShellClient(node.shell())) {
      while (!ended(node)) {
        news.look(shell);
      }
    } catch (Unreachable e) {
      say("its shell hung up");
    }
  }

  /** Waits for the end for a moment. */
  private static boolean ended(Node node) throws InterruptedException {
    try {
      node.process().onExit().get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process cannot be waited for", e);
    }
  }

  private static void say(String line) {
    System.out.println(
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + line);
  }
}
