package fedllm.data.csv;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.data.file.Rows;
import fedllm.data.file.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * Reads comma-separated values as RFC 4180 has them, or tab-separated ones where the file's name
 * ends in {@code .tsv}; the first row names the fields.
 */
@Component
@Plugin(name = "csv", does = "reads CSV or TSV with a header row", options = Csv.Config.class)
public final class Csv implements DataSource {

  /** How values are told apart. */
  public @interface Config {
    /** What stands between two values of a row; auto is a tab in a .tsv file, else a comma. */
    @OneOf({"auto", ",", ";", "tab", "|"})
    String separator() default "auto";

    /** Whether a value may stand in double quotes; if not, a quote is a letter like any other. */
    boolean quotes() default true;
  }

  private static final CsvFactory FACTORY = new CsvFactory();

  @Override
  public Stream<Row> read(Options options, Path file) {
    Config config = options.as(Config.class);
    CsvSchema schema =
        CsvSchema.emptySchema().withColumnSeparator(separator(config.separator(), file));
    TextFile text = new TextFile(file);
    Table table = new Table(text, config.quotes() ? schema : schema.withoutQuoteChar());
    return Rows.stream(text, table::next);
  }

  private static char separator(String said, Path file) {
    return switch (said) {
      case "auto" ->
          file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.tsv(\\.gz)?")
              ? '\t'
              : ',';
      case "tab" -> '\t';
      default -> said.charAt(0);
    };
  }

  /** A file that is being read. */
  private static final class Table {

    private final TextFile text;
    private final CsvParser in;
    private final List<String> header = new ArrayList<>();

    Table(TextFile text, CsvSchema schema) {
      this.text = text;
      try {
        in = FACTORY.createParser(text);
        in.setSchema(schema);
      } catch (IOException e) {
        throw text.unreadable(e);
      }
    }

    Row next() {
      try {
        if (header.isEmpty()) {
          readHeader();
        }
        long line = 0;
        List<String> values = List.of();
        while (isBlank(values)) {
          if (in.nextToken() == null) {
            return null;
          }
          line = in.currentLocation().getLineNr();
          values = values();
        }
        if (values.size() != header.size()) {
          throw text.at(
              line, "the row has " + values.size() + " values, the header has " + header.size());
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
          fields.put(header.get(i), values.get(i));
        }
        return new Row(line, fields);
      } catch (JsonProcessingException e) {
        // Where a value is too long, Jackson does not say at which place.
        JsonLocation at = e.getLocation() == null ? in.currentLocation() : e.getLocation();
        throw text.at(
            at.getLineNr(),
            "broken CSV, such as a quote that nothing closes, at column "
                + at.getColumnNr()
                + "; where quotes are only letters, set options: { quotes: false }");
      } catch (IOException e) {
        throw text.unreadable(e);
      }
    }

    private void readHeader() throws IOException {
      if (in.nextToken() == null) {
        throw text.at(1, "the file is empty; its first row must name the fields");
      }
      header.addAll(values());
      if (new HashSet<>(header).size() < header.size()) {
        throw text.at(1, "two values of the header are the same; it must name each field once");
      }
    }

    /** Jackson could skip empty lines too, but would then strip the first value of every row. */
    private static boolean isBlank(List<String> values) {
      return values.isEmpty() || (values.size() == 1 && values.get(0).isEmpty());
    }

    private List<String> values() throws IOException {
      List<String> values = new ArrayList<>();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        values.add(in.getText());
      }
      return values;
    }
  }
}
