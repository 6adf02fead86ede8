package fedllm.cli.chat;

import fedllm.api.error.Refused;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code chat} may be told. */
public final class ChatOptions {

  @Parameters(paramLabel = "MODEL", description = "A model: a folder in Hugging Face layout.")
  private Path model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "What was learned beside it: a folder in PEFT layout, such as a run makes.")
  private Path adapter;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "Say this, print the answer alone, and end.")
  private String prompt;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "Say this before the talk, in the system's role.")
  private String system;

  @Option(
      names = "--template",
      paramLabel = "NAME",
      description =
          "Lay the talk out so instead of as the model's files say: chatml, plain, question, or a"
              + " file of Jinja.")
  private String template;

  @Option(
      names = "--complete",
      description = "No talk: go on with each text, as a model that answers nobody does.")
  private boolean complete;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of an answer at most. By default 512.")
  private int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the likeliest token; 1 draws as the model says.")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw among the K likeliest tokens; 0 for all.")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw among the likeliest tokens that have this share together; 1 for all.")
  private Double topP;

  @Option(
      names = "--repetition",
      paramLabel = "R",
      description = "Above 1, tokens that the text has already are less likely.")
  private Double repetition;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the random numbers: the same seed draws the same. By default 0.")
  private long seed;

  @Option(
      names = "--compute",
      paramLabel = "ROUTE",
      description = "fp32, onednn or bf16; by default as the processor's flags say.")
  private String compute;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "cpu, or cuda:N. By default cpu.")
  private String device;

  @Option(
      names = "--storage",
      paramLabel = "NAME",
      description = "How the weights lie in memory: bf16, int8, nf4; by default as computed with.")
  private String storage;

  /** What is wrong with them is refused. */
  public void check() {
    if (maxTokens < 1) {
      throw new Refused("--max-tokens is at least 1");
    }
    if (complete && (template != null || system != null)) {
      throw new Refused("--complete lays nothing out: leave --template and --system away");
    }
  }

  /** The model's folder. */
  public Path model() {
    return model;
  }

  /** The adapter's folder, or null. */
  public Path adapter() {
    return adapter;
  }

  /** What is said once, or null. */
  public String prompt() {
    return prompt;
  }

  /** What the system says, or null. */
  public String system() {
    return system;
  }

  /** The template's name or file, or null for the model's own. */
  public String template() {
    return template;
  }

  /** Whether texts are gone on with. */
  public boolean complete() {
    return complete;
  }

  /** Tokens of an answer at most. */
  public int maxTokens() {
    return maxTokens;
  }

  /** Or null. */
  public Double temperature() {
    return temperature;
  }

  /** Or null. */
  public Integer topK() {
    return topK;
  }

  /** Or null. */
  public Double topP() {
    return topP;
  }

  /** Or null. */
  public Double repetition() {
    return repetition;
  }

  /** The route's name, or null. */
  public String compute() {
    return compute;
  }

  /** The device's name, or null. */
  public String device() {
    return device;
  }

  /** The storage's name, or null. */
  public String storage() {
    return storage;
  }

  /** Of the random numbers. */
  public long seed() {
    return seed;
  }
}
