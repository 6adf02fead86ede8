package fedllm.shell;

import fedllm.api.error.Refused;
import fedllm.api.run.Federation;
import org.apache.felix.service.command.CommandSession;

/** The federation of this node, if it is a server that has started. Safe for many threads. */
final class Console {

  private final String node;
  private final Federation federation;

  /** Of a node; {@code federation} is null where there is none. */
  Console(String node, Federation federation) {
    this.node = node;
    this.federation = federation;
  }

  /** For whoever speaks in a session. */
  Federation of(CommandSession session) {
    return federation().as(Callers.of(session));
  }

  /** For questions, which nobody need answer for. */
  Federation federation() {
    if (federation == null) {
      throw new Refused(
          node.startsWith("server")
              ? "this server leads nobody yet: it starts, or it stands by for another one; its log"
                  + " says which"
              : "this node, " + node + ", keeps no runs; ask the server's shell");
    }
    return federation;
  }
}
