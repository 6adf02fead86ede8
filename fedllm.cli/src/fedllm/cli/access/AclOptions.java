package fedllm.cli.access;

import fedllm.api.error.Refused;
import fedllm.api.transport.Right;
import fedllm.cli.node.ClientProperties;
import fedllm.runtime.message.Rights;
import fedllm.runtime.message.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Option;

/** What {@code acl} may be told. */
public final class AclOptions {

  @Option(names = "--federation", required = true, description = "The federation's name.")
  private String federation;

  @Option(
      names = "--server",
      paramLabel = "PRINCIPAL",
      description = "Whom the cluster knows the server as, such as User:CN=server.")
  private String server;

  @Option(
      names = "--silo",
      paramLabel = "NAME=PRINCIPAL",
      description = "A silo, and whom the cluster knows it as; for each silo once.")
  private List<String> silos = List.of();

  @Option(
      names = "--topics",
      description = "Its topic for each silo, which so needs no right to make one.")
  private boolean topics;

  @Option(names = "--apply", description = "Make it so at the cluster, instead of printing it.")
  private boolean apply;

  @Option(
      names = "--strimzi",
      paramLabel = "CLUSTER",
      description = "Print KafkaUser and KafkaTopic resources for this cluster of Strimzi's.")
  private String strimzi;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "A Kafka broker; --apply needs it.")
  private String bootstrap;

  @Option(
      names = "--kafka",
      paramLabel = "FILE",
      description = "Properties for Kafka's clients, of somebody who may alter the cluster.")
  private Path kafka;

  /** What is wrong with them is refused. */
  public void check() {
    Topics all = new Topics(federation);
    Map<String, String> named = silos();
    named.keySet().forEach(name -> Topics.checkName("the silo", name));
    if (server == null && named.isEmpty()) {
      throw new Refused("name a --server, or a --silo, or both");
    }
    if (apply && bootstrap == null) {
      throw new Refused("--apply needs --bootstrap: a broker of the cluster");
    }
    if (apply && strimzi != null) {
      throw new Refused("--strimzi prints what kubectl applies; leave --apply out");
    }
    Map<String, String> by = new LinkedHashMap<>();
    if (server != null) {
      by.put(principal(server), "the server");
    }
    named.forEach(
        (name, principal) -> {
          String other = by.putIfAbsent(principal, name);
          if (other != null) { // one of them could speak as the other
            throw new Refused(
                other
                    + " and "
                    + name
                    + " are both "
                    + principal
                    + "; give each a name of its own");
          }
        });
    rights(all);
  }

  /** Silos and their principals, in order. */
  private Map<String, String> silos() {
    Map<String, String> named = new LinkedHashMap<>();
    for (String silo : silos) {
      int equals = silo.indexOf('=');
      if (equals < 1) {
        throw new Refused("--silo " + silo + ": say NAME=PRINCIPAL, such as bank=User:CN=bank");
      }
      if (named.put(silo.substring(0, equals), principal(silo.substring(equals + 1))) != null) {
        throw new Refused("--silo " + silo.substring(0, equals) + " is there twice");
      }
    }
    return named;
  }

  private static String principal(String said) {
    String principal = said.contains(":") ? said : "User:" + said;
    if (principal.endsWith(":") || principal.endsWith(":*")) {
      throw new Refused("the principal " + said + " is nobody in particular");
    }
    return principal;
  }

  /** All that has to be allowed. */
  public List<Right> rights() {
    return rights(new Topics(federation));
  }

  private List<Right> rights(Topics all) {
    List<Right> rights = new ArrayList<>();
    if (server != null) {
      rights.addAll(Rights.server(all, principal(server)));
    }
    silos().forEach((name, principal) -> rights.addAll(Rights.silo(all, name, principal)));
    return rights;
  }

  /** The topics to make: those of the silos, and with a server those that it writes. */
  public List<String> topics() {
    if (!topics) {
      return List.of();
    }
    Topics all = new Topics(federation);
    List<String> names = new ArrayList<>(server == null ? List.of() : all.ofTheServer());
    silos().keySet().forEach(name -> names.add(all.silo(name)));
    return names;
  }

  /** Whether to do it. */
  public boolean apply() {
    return apply;
  }

  /** Strimzi's cluster, or null. */
  public String strimzi() {
    return strimzi;
  }

  /** The broker, or a word that stands for it. */
  public String bootstrap() {
    return bootstrap == null ? "HOST:PORT" : bootstrap;
  }

  /** The file with properties, or null. */
  public Path kafka() {
    return kafka;
  }

  /** Settings for Kafka's clients. */
  public Map<String, String> settings() throws IOException {
    Properties properties = ClientProperties.read(kafka, bootstrap);
    Map<String, String> settings = new LinkedHashMap<>();
    properties.stringPropertyNames().forEach(k -> settings.put(k, properties.getProperty(k)));
    return settings;
  }
}
