package fedllm.cli.run;

import fedllm.api.error.Ends;
import fedllm.cli.broker.Broker;
import fedllm.cli.broker.Certificates;
import fedllm.cli.node.ClientProperties;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * The guarded door of a federation on one machine: a broker that speaks mutual TLS and allows
 * nothing but what each role needs, and a certificate for everybody. One thread.
 */
final class Admission {

  private static final String SERVER = "server";

  private final String federation;
  private final Path folder;
  private final Workspace workspace;
  private final Certificates certificates;
  private final Broker broker;

  /** Starts the broker; nobody may do anything yet. */
  Admission(String federation, Path work, Workspace workspace) throws IOException {
    this.federation = federation;
    this.workspace = workspace;
    this.folder = Files.createTempDirectory(work, "certificates-");
    this.certificates = Certificates.make(folder);
    this.broker = Broker.startSecure(work.resolve("broker"), certificates);
    write("admin", folder.resolve("admin.properties"));
  }

  Broker broker() {
    return broker;
  }

  /** What the server needs to enter. */
  Path server() throws IOException {
    return write(SERVER, folder.resolve("server.properties"));
  }

  /** What a silo needs to enter; its name may be anybody's, its certificate is a silo's. */
  Path silo(String name) throws IOException {
    return write(principal(name), folder.resolve("silo-" + name + ".properties"));
  }

  private static String principal(String silo) {
    return "silo-" + silo;
  }

  private Path write(String name, Path file) throws IOException {
    Properties properties = new Properties();
    properties.putAll(certificates.client(name));
    properties.setProperty("bootstrap.servers", broker.bootstrap());
    ClientProperties.write(properties, file);
    return file;
  }

  /** Lets the server and silos do what their roles need, by the same command that operators use. */
  void admit(boolean server, List<String> silos) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(workspace.classPath("fedllm.access"));
    command.addAll(List.of("fedllm.access.Main", "--federation", federation, "--topics"));
    if (server) {
      command.addAll(List.of("--server", "User:" + SERVER));
    }
    silos.forEach(s -> command.addAll(List.of("--silo", s + "=User:" + principal(s))));
    command.addAll(List.of("--bootstrap", broker.bootstrap(), "--apply"));
    command.addAll(List.of("--kafka", folder.resolve("admin.properties").toString()));
    Path log = folder.resolve("acl.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (process.waitFor() != 0) {
        throw new Ends("the broker was not told who may do what: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new Ends("interrupted while the broker was told who may do what", e);
    }
  }
}
