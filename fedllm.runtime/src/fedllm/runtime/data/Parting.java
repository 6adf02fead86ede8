package fedllm.runtime.data;

import fedllm.api.data.Partition;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import java.util.stream.Stream;

/** One reading of a file in which each row gets its part. Used by one thread. */
public final class Parting {

  private final FileSpec file;
  private final Partition cut;
  private long number;

  /** A reading that begins; {@code file} has a part. */
  public Parting(FileSpec file, Partition cut) {
    this.file = file;
    this.cut = cut;
  }

  /** The rows that are in the entry's part. */
  Stream<Row> rows(Stream<Row> all) {
    return all.filter(row -> part(row) == file.part().number() - 1);
  }

  /** Which part the next row is in, 0 for the first. */
  public int part(Row row) {
    int part;
    try {
      part = cut.part(number++, row);
    } catch (SitsOut e) {
      throw new SitsOut(file.path().getFileName() + ":" + row.line() + ": " + e.getMessage(), e);
    }
    if (part < 0 || part >= file.part().of()) {
      throw new IllegalStateException(
          file.part().partitioner() + " puts a row into part " + part + " of " + file.part().of());
    }
    return part;
  }
}
