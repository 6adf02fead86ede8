package fedllm.data.parquet;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.osgi.service.component.annotations.Component;

/**
 * Reads Parquet, a row group in memory at a time. Inner values are called {@code outer.inner},
 * lists of plain values become their lines, structures in lists {@code list.0} and so on, as from
 * JSON; a null is an empty text. Lists of turns make a conversation. Bytes that are no text are
 * left out.
 */
@Component
@Plugin(name = "parquet", does = "reads Parquet")
public final class Parquet implements DataSource {

  @Override
  public Stream<Row> read(Options options, Path file) {
    RowGroups groups = new RowGroups(file);
    Iterator<Row> rows =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return groups.hasNext();
          }

          @Override
          public Row next() {
            return groups.next();
          }
        };
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .onClose(groups::close);
  }
}
