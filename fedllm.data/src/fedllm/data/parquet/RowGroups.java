package fedllm.data.parquet;

import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** The rows of an open file, in order. Used by one thread. */
final class RowGroups implements Iterator<Row>, AutoCloseable {

  private final Path file;
  private final ParquetFileReader reader;
  private final MessageType schema;
  private RecordReader<Group> group;
  private long left;
  private long row;

  /** What the library does; it throws whatever it likes. */
  private interface Work<T> {
    T run() throws IOException;
  }

  RowGroups(Path file) {
    this.file = file;
    if (!Files.isRegularFile(file)) {
      throw new SitsOut(
          file.getFileName()
              + (Files.exists(file) ? ": it is not a file" : ": there is no such file"));
    }
    reader = careful(() -> ParquetFileReader.open(new LocalInputFile(file), options()));
    schema = careful(() -> reader.getFileMetaData().getSchema());
  }

  private static ParquetReadOptions options() {
    return ParquetReadOptions.builder(new PlainParquetConfiguration())
        .withCodecFactory(new Codecs())
        .usePageChecksumVerification()
        .build();
  }

  @Override
  public boolean hasNext() {
    while (left == 0) {
      PageReadStore pages = careful(reader::readNextRowGroup);
      if (pages == null) {
        return false;
      }
      left = pages.getRowCount();
      group =
          careful(
              () ->
                  new ColumnIOFactory()
                      .getColumnIO(schema)
                      .getRecordReader(pages, new GroupRecordConverter(schema)));
    }
    return true;
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    left--;
    row++;
    return careful(() -> new FlatGroup(row).read(group.read()));
  }

  /** The library's messages may repeat what it read, so they are neither shown nor kept. */
  private <T> T careful(Work<T> work) {
    try {
      return work.run();
    } catch (SitsOut e) {
      throw new SitsOut(place() + e.getMessage());
    } catch (OutOfMemoryError e) { // one array was too long; what else is in memory is well
      throw new SitsOut(
          place()
              + "what it says has to be in memory at once is too much; write the file again, with"
              + " smaller row groups");
    } catch (IOException | RuntimeException e) {
      throw new SitsOut(
          place()
              + "it cannot be read as Parquet ("
              + e.getClass().getSimpleName()
              + "); write the file again");
    }
  }

  private String place() {
    return file.getFileName() + (row == 0 ? ": " : ":" + row + ": ");
  }

  @Override
  public void close() {
    careful(
        () -> {
          reader.close();
          return null;
        });
  }
}
