package fedllm.runtime.message;

import fedllm.api.error.Refused;
import java.util.List;
import java.util.regex.Pattern;

/** The topics of a federation. A silo writes to its own topic alone: the topic is who it is. */
public record Topics(String federation) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,59}");

  /** A federation's, whose name must be fit for a topic. */
  public Topics {
    checkName("federation", federation);
  }

  /** Refuses a name that no topic, folder or header could bear. */
  public static void checkName(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new Refused(
          what
              + " is called "
              + name
              + "; a name has up to 60 lower-case letters, digits and hyphens");
    }
  }

  /** Events, written by the server: the truth about all runs. */
  public String control() {
    return prefix() + "control";
  }

  /** Global states in chunks, written by the server, read by all. */
  public String broadcast() {
    return prefix() + "broadcast";
  }

  /** What the server alone writes. */
  public List<String> ofTheServer() {
    return List.of(control(), broadcast(), bundles(), audit(), state(), leader());
  }

  /** What the server writes for all silos. */
  public List<String> forSilos() {
    return List.of(control(), broadcast(), bundles());
  }

  /** What all topics, groups and transactional ids of the federation start with. */
  public String prefix() {
    return "fedllm." + federation + ".";
  }

  /** Plugins' bundles in pieces, written by the server, read by all. */
  public String bundles() {
    return prefix() + "bundles";
  }

  /** Who did what, written and read by the server. */
  public String audit() {
    return prefix() + "audit";
  }

  /** What a server that takes over needs and silos do not; written and read by servers alone. */
  public String state() {
    return prefix() + "state";
  }

  /** The server that leads says every second that it lives; read by those that stand by. */
  public String leader() {
    return prefix() + "leader";
  }

  /** What the topics of all silos start with. */
  public String silos() {
    return prefix() + "silo.";
  }

  /** What one silo says and uploads. */
  public String silo(String name) {
    return silos() + name;
  }

  /** Who writes a topic. */
  public String siloOf(String topic) {
    return topic.substring(silos().length());
  }
}
