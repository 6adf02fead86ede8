package fedllm.data.file;

import fedllm.api.data.Row;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Makes a stream that reads as it goes out of a reader of one row at a time. */
public final class Rows {

  /** Reads one row after the other. */
  @FunctionalInterface
  public interface Next {

    /** The next row, or null after the last. */
    Row row();
  }

  private Rows() {}

  /** The rows up to the first null; closing the stream closes the file. */
  public static Stream<Row> stream(TextFile file, Next next) {
    Iterator<Row> rows =
        new Iterator<>() {
          private Row ahead;
          private boolean ended;

          @Override
          public boolean hasNext() {
            if (ahead == null && !ended) {
              ahead = next.row();
              ended = ahead == null;
            }
            return !ended;
          }

          @Override
          public Row next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            Row row = ahead;
            ahead = null;
            return row;
          }
        };
    int traits = Spliterator.ORDERED | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, traits), false)
        .onClose(file::close);
  }
}
