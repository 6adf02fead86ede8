package fedllm.cli.data;

import fedllm.api.error.Refused;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code data} may be told. */
public final class DataOptions {

  @Parameters(
      paramLabel = "FILE",
      description = "A file of texts; or a silo.yaml, for all data in it; or a job with silos.")
  private Path file;

  @Option(
      names = "--job",
      paramLabel = "JOB.yaml",
      description = "Take templates, base, sequence and loss from this job.")
  private Path job;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "The base model, for its tokens: a folder, or a name in the silo.yaml.")
  private String base;

  @Option(
      names = "--sequence",
      paramLabel = "N",
      description = "Tokens of an example that are fed at most; by default the job's, or 256.")
  private Integer sequence;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "Only this silo of the job, data of the silo.yaml, or part.")
  private String only;

  @Option(
      names = "--examples",
      defaultValue = "2",
      paramLabel = "N",
      description = "Examples to show, drawn at random; 0 for no text. By default 2.")
  private int examples;

  @Option(
      names = "--label",
      defaultValue = "",
      paramLabel = "FIELD",
      description = "Count this field's values in every part; by default what the cut goes by.")
  private String label;

  @Mixin private FileOptions options;

  /** What is wrong with them is refused. */
  public void check() {
    if (examples < 0 || (sequence != null && sequence < 1)) {
      throw new Refused("--examples is at least 0, and --sequence at least 1");
    }
    if (isYaml() && options.areGiven()) {
      throw new Refused(file + " says all of its files itself; take the options of files out");
    }
    options.entry(file);
  }

  /** A file of texts, a silo.yaml or a job. */
  public Path file() {
    return file;
  }

  /** Whether the file is a silo.yaml or a job. */
  public boolean isYaml() {
    return file.toString().matches(".*\\.ya?ml");
  }

  /** The job, or null. */
  public Path job() {
    return job;
  }

  /** A folder, or a name in the silo.yaml, or null. */
  public String base() {
    return base;
  }

  /** Tokens of an example at most, or null. */
  public Integer sequence() {
    return sequence;
  }

  /** The one silo, data set or part, or null. */
  public String only() {
    return only;
  }

  /** How many to show. */
  public int examples() {
    return examples;
  }

  /** The field of labels, or an empty text. */
  public String label() {
    return label;
  }

  /** What is said of a file of texts. */
  public FileOptions options() {
    return options;
  }
}
