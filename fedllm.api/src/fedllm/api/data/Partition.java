package fedllm.api.data;

import org.osgi.annotation.versioning.ConsumerType;

/** One cut of a file; it sees every row once, in the file's order, and keeps no row. */
@ConsumerType
@FunctionalInterface
public interface Partition {

  /**
   * Which part a row is in: at least 0 and below the number of parts. It depends on no later row.
   *
   * @param number 0 for the file's first row
   * @throws fedllm.api.error.SitsOut when the row lacks what the cut goes by; the message names the
   *     field and repeats nothing of the row, file and line are put before it
   */
  int part(long number, Row row);
}
