package fedllm.api.data;

import fedllm.api.plugin.Options;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.osgi.annotation.versioning.ConsumerType;

/** Reads one kind of file, record by record. */
@ConsumerType
public interface DataSource {

  /**
   * Opens a file; the stream reads as it goes and is closed by the caller.
   *
   * @throws fedllm.api.error.SitsOut here or while reading, when the file is not what it should be;
   *     the message names file and line, and repeats nothing of the text
   */
  Stream<Row> read(Options options, Path file);
}
