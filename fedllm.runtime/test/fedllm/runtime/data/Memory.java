package fedllm.runtime.data;

import fedllm.api.data.DataSource;
import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Files that are lists of texts; counts how many are open, and the rows that were read. */
final class Memory implements DataSource, Tools {

  private final Map<Path, List<String>> files = new HashMap<>();
  int open;
  int rowsRead;

  /** Cuts, where a test asks for a part. */
  Partitioner cutter;

  Memory with(String file, List<String> texts) {
    files.put(Path.of(file), texts);
    return this;
  }

  @Override
  public Stream<Row> read(Options options, Path file) {
    open++;
    List<String> texts = files.get(file);
    return IntStream.range(0, texts.size()).mapToObj(i -> row(texts, i)).onClose(() -> open--);
  }

  private Row row(List<String> texts, int i) {
    rowsRead++;
    return new Row(i + 1L, Map.of("text", texts.get(i)));
  }

  FileData data(FileSpec... specs) {
    return new FileData(new DataSpec("memory", List.of(specs)), this);
  }

  @Override
  public <K> Choice<K> choose(Class<K> contract, String name, Map<String, Object> options) {
    return new Choice<>(contract.cast(contract == DataSource.class ? this : cutter), null);
  }
}
