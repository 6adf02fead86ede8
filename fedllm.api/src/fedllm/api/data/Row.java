package fedllm.api.data;

import java.util.List;
import java.util.Map;

/**
 * One record of a file.
 *
 * @param line where it starts, 1 for the first line; in a file without lines the record's number
 * @param fields its values by name
 * @param turns the conversation that it is; empty where the file's format knows none
 */
public record Row(long line, Map<String, String> fields, List<Turn> turns) {
  public Row {
    fields = Map.copyOf(fields);
    turns = List.copyOf(turns);
  }

  /** A record that is no conversation. */
  public Row(long line, Map<String, String> fields) {
    this(line, fields, List.of());
  }
}
