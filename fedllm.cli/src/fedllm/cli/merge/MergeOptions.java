package fedllm.cli.merge;

import fedllm.api.error.Refused;
import fedllm.format.Dtype;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** What {@code merge} may be told. */
public final class MergeOptions {

  @Parameters(paramLabel = "MODEL", description = "The base: a folder in Hugging Face layout.")
  private Path model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A folder in PEFT layout; without it the model is only written anew.")
  private Path adapter;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "A folder that is not there yet, or empty.")
  private Path out;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      converter = Types.class,
      description = "f32, bf16 or f16, of all weights; without it each stays what it is.")
  private Dtype dtype;

  @Option(
      names = "--max-shard",
      paramLabel = "SIZE",
      converter = Sizes.class,
      defaultValue = "5GB",
      description = "The weights in one file, at most: ${DEFAULT-VALUE}.")
  private long shard;

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "NAME",
      description =
          "Names of the classes that the adapter tells, in the order of the job's labels; without"
              + " them LABEL_0, LABEL_1, ...")
  private List<String> labels = List.of();

  /** What is wrong with them is refused. */
  public void check() {
    if (absolute(out).startsWith(absolute(model))) {
      throw new Refused(out + ": lies in the base's folder, which stays as it is; name another");
    }
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** The base. */
  public Path model() {
    return model;
  }

  /** The adapter's folder, or null. */
  public Path adapter() {
    return adapter;
  }

  /** Where the whole goes. */
  public Path out() {
    return out;
  }

  /** The type of all weights, or null for what each is. */
  public Dtype dtype() {
    return dtype;
  }

  /** Bytes of weights in a file, at most. */
  public long shard() {
    return shard;
  }

  /** The classes' names; none where they were not said. */
  public List<String> labels() {
    return labels;
  }

  /** Names as they are in a job. */
  static final class Types implements ITypeConverter<Dtype> {

    @Override
    public Dtype convert(String name) {
      return switch (name) {
        case "f32" -> Dtype.F32;
        case "bf16" -> Dtype.BF16;
        case "f16" -> Dtype.F16;
        default -> throw new TypeConversionException(name + " is none of f32, bf16, f16");
      };
    }
  }

  /** Bytes, with kB, MB or GB in powers of ten. */
  static final class Sizes implements ITypeConverter<Long> {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*([kMG]?)B?");

    @Override
    public Long convert(String text) {
      Matcher size = SIZE.matcher(text);
      if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
        throw new TypeConversionException(text + " is no size such as 5GB or 500MB");
      }
      long unit =
          switch (size.group(2)) {
            case "k" -> 1000L;
            case "M" -> 1_000_000L;
            case "G" -> 1_000_000_000L;
            default -> 1L;
          };
      return Math.multiplyExact(Long.parseLong(size.group(1)), unit);
    }
  }
}
