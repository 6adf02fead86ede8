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

/** Reads plain text, paragraph by paragraph, into the field {@code text}. */
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
  }

  @Override
  public Stream<Row> read(Options options, Path file) {
    boolean lines = options.as(Config.class).lines();
    TextFile text = new TextFile(file);
    return Rows.stream(text, () -> next(text, lines));
  }

  private static Row next(TextFile text, boolean lines) {
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
    return new Row(start, Map.of("text", row.toString()));
  }
}
