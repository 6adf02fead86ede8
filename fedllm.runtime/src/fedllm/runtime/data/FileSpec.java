package fedllm.runtime.data;

import fedllm.api.error.Refused;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * One file of a silo.
 *
 * @param path where it is
 * @param format the name of the data source that reads it; empty to go by the file's name
 * @param options the data source's options
 * @param template makes examples of its rows
 * @param heldOut what is kept to measure with
 * @param limit takes at most so many examples of the file, a sample by a hash of the text, before
 *     any are held out; 0 for all
 */
public record FileSpec(
    Path path,
    String format,
    Map<String, Object> options,
    Template template,
    HeldOut heldOut,
    long limit) {

  private static final Map<String, String> FORMATS =
      Map.of(".jsonl", "jsonl", ".json", "alpaca", ".csv", "csv", ".txt", "text");

  public FileSpec {
    options = Map.copyOf(options);
    if (limit < 0) {
      throw new Refused("limit is " + limit + " for " + path.getFileName() + "; 0 means all");
    }
    format = format.isEmpty() ? formatOf(path) : format;
  }

  private static String formatOf(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    String unpacked = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    String ending = unpacked.substring(Math.max(unpacked.lastIndexOf('.'), 0));
    String format = FORMATS.get(ending);
    if (format == null) {
      throw new Refused(
          path.getFileName()
              + " ends in nothing that says how to read it; known are .jsonl, .json,"
              + " .csv and .txt, each also with .gz; or give a format");
    }
    return format;
  }

  /** The same entry, reading the file that is held out. */
  FileSpec ofHeldOut() {
    return new FileSpec(
        heldOut.file(), format, options, template, HeldOut.NOTHING, heldOut.limit());
  }
}
