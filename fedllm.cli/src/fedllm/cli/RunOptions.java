package fedllm.cli;

import fedllm.cli.run.Links;
import fedllm.cli.run.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code run} and {@code demo} have in common. */
final class RunOptions {

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the outcome there, too, whatever it is.")
  private Path json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Put the adapter there; by default into fedllm-out/RUN, in this folder.")
  private Path out;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Work in this folder and keep it; by default in one that is deleted.")
  private Path work;

  @Option(names = "--keep", description = "Keep the folder with logs and state.")
  private boolean keep;

  @Option(
      names = "--secure",
      description =
          "Mutual TLS for all, each with a certificate of its own, at a broker that allows each"
              + " what its role needs.")
  private boolean secure;

  @Option(
      names = "--kafka",
      paramLabel = "FILE",
      description = "Properties for Kafka's clients, where the job names a broker: TLS, SASL, ...")
  private Path kafka;

  @Mixin private ComputeOptions compute;

  /** Finds out early whether an outcome can be written late. */
  void prepare() throws IOException {
    compute.apply();
    if (json != null && json.toAbsolutePath().getParent() != null) {
      Files.createDirectories(json.toAbsolutePath().getParent());
    }
  }

  Links links() {
    return new Links(kafka, secure);
  }

  void write(Outcome outcome) throws IOException {
    if (json != null) {
      outcome.write(json);
    }
  }

  Path results(String run) {
    return out == null ? Path.of("fedllm-out", run) : out;
  }

  WorkFolder workFolder() throws IOException {
    return work == null ? WorkFolder.temporary(keep) : WorkFolder.given(work);
  }
}
