package fedllm.api.data;

import java.util.Map;

/**
 * One record of a file.
 *
 * @param line where it starts, 1 for the first line
 * @param fields its values by name
 */
public record Row(long line, Map<String, String> fields) {
  public Row {
    fields = Map.copyOf(fields);
  }
}
