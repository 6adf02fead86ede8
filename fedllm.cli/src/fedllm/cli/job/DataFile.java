package fedllm.cli.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * A file of private text, as a silo.yaml lists it; what is null the silo decides by its own rules.
 *
 * @param path absolute
 * @param format the data source that reads it
 * @param template how a row becomes an example
 * @param heldOut the path of a file to measure with, or the share of the rows
 * @param heldOutLimit the most examples of a file to measure with
 * @param limit the most examples
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DataFile(
    String path, String format, String template, Object heldOut, Long heldOutLimit, Long limit) {

  static DataFile of(JobFolder folder, Entry path, Map<String, Entry> settings) {
    Entry format = settings.get("format");
    Entry template = settings.get("template");
    Entry heldOut = settings.get("heldOut");
    Entry heldOutLimit = settings.get("heldOutLimit");
    Entry limit = settings.get("limit");
    return new DataFile(
        folder.existing(path).toString(),
        format == null ? null : format.text(),
        template == null ? null : template.text(),
        heldOut == null ? null : heldOut(folder, heldOut),
        heldOutLimit == null ? null : heldOutLimit.count(),
        limit == null ? null : limit.count());
  }

  private static Object heldOut(JobFolder folder, Entry heldOut) {
    try {
      return Double.valueOf(heldOut.text());
    } catch (NumberFormatException e) {
      return folder.existing(heldOut).toString();
    }
  }
}
