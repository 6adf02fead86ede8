package fedllm.cli;

import picocli.CommandLine.Option;

/** What silos compute with. */
final class ComputeOptions {

  @Option(
      names = "--compute",
      paramLabel = "ROUTE",
      description =
          "auto, by the processor's flags; or fp32, onednn, bf16: what products of matrices are"
              + " made with.")
  private String route;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto; or cpu, cuda:0, cuda:1, ...")
  private String device;

  /** Says it to the programs that this one starts, which read it from their properties. */
  void apply() {
    if (route != null) {
      System.setProperty("fedllm.compute", route);
    }
    if (device != null) {
      System.setProperty("fedllm.device", device);
    }
  }
}
