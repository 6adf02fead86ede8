package fedllm.itest;

import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A job whose clients send noise, so that rounds are short; nobody reads its base and its data. */
final class TinyJob {

  private TinyJob() {}

  /** One whose rounds go on without a silo that is lost. */
  static Job write(Path folder, int rounds, int bytes) throws IOException {
    return write(folder, rounds, bytes, "present");
  }

  static Job write(Path folder, int rounds, int bytes, String quorum) throws IOException {
    return write(
        folder,
        """
        trainer: { name: noise, bytes: %d }
        strategy: { name: fedavg }
        protocol: { name: synchronous, rounds: %d, quorum: %s }
        """
            .formatted(bytes, rounds, quorum));
  }

  /**
   * One whose rounds close with the first two updates, and where all but the clinic take a second.
   */
  static Job buffered(Path folder, int rounds) throws IOException {
    return write(
        folder,
        """
        trainer: { name: noise, bytes: 65536, slow: [bank, school], seconds: 1 }
        strategy: { name: fedbuff }
        optimizer: { name: fedavgm }
        protocol: { name: buffered, rounds: %d, buffer: 2, maxStaleness: 1000 }
        """
            .formatted(rounds));
  }

  private static Job write(Path folder, String plugins) throws IOException {
    Path base = Files.createDirectories(folder.resolve("base"));
    Files.writeString(base.resolve("config.json"), "{}");
    Files.write(base.resolve("model.safetensors"), new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    Files.writeString(folder.resolve("texts.txt"), "nobody reads this\n");
    Path job = folder.resolve("noise.yaml");
    Files.writeString(
        job,
        """
        federation: itest
        base: base
        codecs: { up: [ { name: bf16 } ] }
        silos:
          - { name: bank, data: texts.txt }
          - { name: clinic, data: texts.txt }
          - { name: school, data: texts.txt }
        """
            + plugins);
    return Job.read(job, Variables.of(Map.of(), Workspace.here().root()));
  }
}
