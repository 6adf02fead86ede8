package fedllm.shell;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.security.Principal;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.felix.service.command.CommandSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who speaks in a session, as the operating system knows the other end of its socket. What a
 * session's own variables say is the speaker's to change. Safe for many threads.
 */
final class Callers {

  private static final Logger LOG = LoggerFactory.getLogger(Callers.class);
  private static final String NOBODY = "somebody at the shell";
  private static final Map<CommandSession, String> BY_SESSION =
      Collections.synchronizedMap(new WeakHashMap<>());

  private Callers() {}

  /** The user whose process is at the other end. */
  static String at(SocketChannel connection) {
    try {
      for (SocketOption<?> option : connection.supportedOptions()) {
        if (option.name().equals("SO_PEERCRED")) {
          return user(connection.getOption(option));
        }
      }
    } catch (IOException | ReflectiveOperationException | UnsupportedOperationException e) {
      LOG.warn("the system does not say who is at the shell", e);
    }
    return NOBODY;
  }

  /** By reflection, because the option's package, jdk.net, is none of the platform's standard. */
  private static String user(Object peer) throws ReflectiveOperationException {
    Object user = peer.getClass().getMethod("user").invoke(peer);
    return ((Principal) user).getName();
  }

  static void put(CommandSession session, String who) {
    BY_SESSION.put(session, who);
  }

  static String of(CommandSession session) {
    return BY_SESSION.getOrDefault(session, NOBODY);
  }
}
