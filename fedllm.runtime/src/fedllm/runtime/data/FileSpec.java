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
 * @param limit takes at most so many examples of the file or its part, a sample by a hash of the
 *     text, before any are held out; 0 for all
 * @param part which of the file's rows are the silo's; null for all
 */
public record FileSpec(
    Path path,
    String format,
    Map<String, Object> options,
    Template template,
    HeldOut heldOut,
    long limit,
    Part part) {

  private static final Map<String, String> FORMATS =
      Map.of(
          ".jsonl", "jsonl",
          ".json", "alpaca",
          ".csv", "csv",
          ".tsv", "csv",
          ".parquet", "parquet",
          ".txt", "text");

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
              + " ends in nothing that says how to read it; known are .jsonl, .json, .csv,"
              + " .tsv and .txt, each also with .gz, and .parquet; or give a format");
    }
    return format;
  }

  /** A whole file. */
  public FileSpec(
      Path path,
      String format,
      Map<String, Object> options,
      Template template,
      HeldOut heldOut,
      long limit) {
    this(path, format, options, template, heldOut, limit, null);
  }

  /** The same entry, reading the whole file that is held out. */
  FileSpec ofHeldOut() {
    return new FileSpec(
        heldOut.file(), format, options, template, HeldOut.NOTHING, heldOut.limit());
  }

  /** The same entry without a limit. */
  FileSpec unlimited() {
    return new FileSpec(path, format, options, template, heldOut, 0, part);
  }

  /** The file's name, and the part. */
  String title() {
    return path.getFileName() + (part == null ? "" : " (" + part + ")");
  }
}
