package fedllm.data.text;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.data.file.Rows;
import fedllm.data.file.TextFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * Reads plain text, paragraph by paragraph, into the field {@code text}, and where asked what a
 * paragraph begins with into {@code heading}.
 */
@Component
@Plugin(
    name = "text",
    does = "reads plain text by paragraphs or lines",
    options = Text.Config.class)
public final class Text implements DataSource {

  /** How to cut the text. */
  public @interface Config {
    /** Whether each line is a row; otherwise a row ends at a blank line. */
    boolean lines() default false;

    /**
     * What ends a paragraph's first line if that is a heading, such as the colon after a speaker's
     * name; the heading becomes a field of its own. Empty where paragraphs have none.
     */
    String heading() default "";
  }

  @Override
  public Stream<Row> read(Options options, Path file) {
    Config config = options.as(Config.class);
    boolean lines = config.lines();
    String heading = config.heading();
    TextFile text = new TextFile(file);
    return Rows.stream(text, () -> next(text, lines, heading));
  }

  private static Row next(TextFile text, boolean lines, String heading) {
    String line = text.line();
    while (line != null && line.isBlank()) {
      line = text.line();
    }
    if (line == null) {
      return null;
    }
    long start = text.lineNumber();
    StringBuilder row = new StringBuilder(line);
    while (!lines && (line = text.line()) != null && !line.isBlank()) {
      if (row.length() + line.length() > TextFile.MAX_LINE) {
        throw text.at(start, "the paragraph is longer than " + TextFile.MAX_LINE + " characters");
      }
      row.append('\n').append(line);
    }
    return new Row(
        start, heading.isEmpty() ? Map.of("text", row.toString()) : headed(row, heading));
  }

  private static Map<String, String> headed(StringBuilder row, String heading) {
    int first = row.indexOf("\n");
    if (first < heading.length() || !row.substring(0, first).endsWith(heading)) {
      return Map.of("heading", "", "text", row.toString());
    }
    return Map.of(
        "heading",
        row.substring(0, first - heading.length()).strip(),
        "text",
        row.substring(first + 1));
  }
}
