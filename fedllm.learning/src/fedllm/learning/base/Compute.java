package fedllm.learning.base;

import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What this machine computes with: chosen by a fixed rule on the processor's flags, never by a
 * measurement, so that the same machine computes the same bits again.
 *
 * @param route the matrix products
 * @param device {@code cpu} or {@code cuda:N}
 * @param why in words
 */
public record Compute(Route route, String device, String why) {

  /** The property that asks for a route by name; {@code auto} without. */
  public static final String ROUTE = "fedllm.compute";

  /** The property that asks for a device by name; {@code auto} without. */
  public static final String DEVICE = "fedllm.device";

  private static final String RECORD = "compute.properties";
  private static final String AUTO = "auto";
  private static final Pattern CUDA = Pattern.compile("cuda:\\d+");

  /** What the system properties ask for. */
  public static Compute ofSystem() {
    return of(System::getProperty);
  }

  /** What these properties ask for. */
  public static Compute of(UnaryOperator<String> properties) {
    String route = or(properties.apply(ROUTE), AUTO);
    String device = or(properties.apply(DEVICE), AUTO);
    Compute ruled = byRule(Processor.flags());
    Route chosen = route.equals(AUTO) ? ruled.route() : named(route);
    String why = route.equals(AUTO) ? ruled.why() : "asked for";
    return new Compute(chosen, device(device), why);
  }

  /**
   * The same, but what was chosen when this folder was new is chosen again: a machine that changes
   * under a silo must not change the bits of a run.
   */
  public static Compute recorded(Path folder, UnaryOperator<String> properties) {
    Path file = folder.resolve(RECORD);
    Properties known = new Properties();
    try {
      if (Files.exists(file)) {
        try (Reader in = Files.newBufferedReader(file)) {
          known.load(in);
        }
      }
      Compute compute =
          of(
              name ->
                  asked(properties.apply(name)) ? properties.apply(name) : known.getProperty(name));
      if (!compute.route().title().equals(known.getProperty(ROUTE))
          || !compute.device().equals(known.getProperty(DEVICE))) {
        known.setProperty(ROUTE, compute.route().title());
        known.setProperty(DEVICE, compute.device());
        write(file, known);
      }
      return compute;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read or written", e);
    }
  }

  /** Whole or not at all: half a record would be a choice made anew. */
  private static void write(Path file, Properties known) throws IOException {
    Path partial = file.resolveSibling("." + RECORD + ".partial");
    try (Writer out = Files.newBufferedWriter(partial)) {
      known.store(out, "chosen when this silo first joined; delete to choose anew");
    }
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The rule: bfloat16 where the processor multiplies it, else oneDNN where it has AVX-512. */
  static Compute byRule(String flags) {
    for (String flag : new String[] {"amx_bf16", "avx512_bf16", "bf16"}) {
      if (has(flags, flag)) {
        return new Compute(Route.BF16, "cpu", "the processor has " + flag);
      }
    }
    if (has(flags, "avx512f")) {
      return new Compute(Route.ONEDNN, "cpu", "the processor has avx512f, no bf16");
    }
    return new Compute(Route.FP32, "cpu", "the processor has neither bf16 nor avx512f");
  }

  private static boolean has(String flags, String flag) {
    return Arrays.asList(flags.split("\\s+")).contains(flag);
  }

  private static boolean asked(String value) {
    return value != null && !value.equals(AUTO);
  }

  private static String or(String value, String missing) {
    return value == null || value.isBlank() ? missing : value;
  }

  private static Route named(String name) {
    for (Route route : Route.values()) {
      if (route.title().equals(name)) {
        return route;
      }
    }
    throw new SitsOut(
        ROUTE
            + " is "
            + name
            + "; it has to be auto or one of "
            + Arrays.stream(Route.values()).map(Route::title).toList());
  }

  private static String device(String name) {
    if (name.equals(AUTO)) {
      return "cpu";
    }
    if (name.equals("cpu") || CUDA.matcher(name).matches()) {
      return name;
    }
    throw new SitsOut(DEVICE + " is " + name + "; it has to be auto, cpu or cuda:N");
  }

  @Override
  public String toString() {
    return route.title() + " on " + device + " (" + why + ")";
  }

  /** As a precision, with the storage that needs no conversion. */
  public Precision precision() {
    return Precision.of(route);
  }

  /** The processor as its operating system describes it. */
  private static final class Processor {

    static String flags() {
      Path file = Path.of("/proc/cpuinfo");
      if (!Files.exists(file)) {
        return ""; // macOS: Apple's own products are what the engine's default library calls there
      }
      try {
        for (String line : Files.readAllLines(file)) {
          String key = line.toLowerCase(Locale.ROOT);
          if (key.startsWith("flags") || key.startsWith("features")) {
            return line.substring(line.indexOf(':') + 1).strip();
          }
        }
        return "";
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
  }
}
