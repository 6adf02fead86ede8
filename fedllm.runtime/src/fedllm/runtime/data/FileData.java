package fedllm.runtime.data;

import fedllm.api.data.Data;
import fedllm.api.data.DataSource;
import fedllm.api.data.Example;
import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Examples out of files, which are read as they are asked for: in memory is a row at a time, and
 * where files hold out differently 8 bytes for each text that is held out. No text is on both
 * sides: a share is cut by a hash of the text, and what any entry holds out is learned from in
 * none. Safe for many threads.
 */
public final class FileData implements Data {

  private final DataSpec spec;
  private final Tools tools;
  private final Map<FileSpec, Sample> samples = new ConcurrentHashMap<>();
  private TextSet kept;

  /** Reads and cuts the files of {@code spec} with plugins from {@code tools}. */
  public FileData(DataSpec spec, Tools tools) {
    this.spec = spec;
    this.tools = tools;
  }

  @Override
  public Stream<Example> train() {
    List<Supplier<Stream<Example>>> streams = new ArrayList<>();
    for (FileSpec file : spec.files()) {
      streams.add(() -> examples(file).filter(isLearned(file)));
    }
    return Concatenation.of(streams, this::nothingToLearn);
  }

  @Override
  public Stream<Example> heldOut() {
    List<Supplier<Stream<Example>>> streams = new ArrayList<>();
    for (FileSpec file : spec.files()) {
      streams.add(() -> heldOut(file));
    }
    return Concatenation.of(streams, () -> {});
  }

  private void nothingToLearn() {
    throw new SitsOut(
        spec.files().stream().map(FileSpec::title).toList()
            + ": there is no example to learn from; give the data more, or hold out less"
            + (spec.files().stream().anyMatch(file -> file.part() != null)
                ? ", or cut the file otherwise: fewer parts, or another seed"
                : ""));
  }

  private Predicate<Example> isLearned(FileSpec file) {
    if (isCutByHashAlone()) {
      return example -> !isInShare(file, example);
    }
    TextSet heldOut = kept();
    return example -> !heldOut.has(TextHash.of(example));
  }

  /** Where all hold out one share, the hash decides; else one may hold out what another has too. */
  private boolean isCutByHashAlone() {
    return spec.files().stream().allMatch(file -> file.heldOut().file() == null)
        && spec.files().stream().map(file -> file.heldOut().share()).distinct().count() == 1;
  }

  private synchronized TextSet kept() {
    if (kept == null) {
      TextSet.Builder hashes = new TextSet.Builder();
      for (FileSpec file : spec.files()) {
        try (Stream<Example> examples = heldOut(file)) {
          examples.map(TextHash::of).forEach(hashes::add);
        }
      }
      kept = hashes.build();
    }
    return kept;
  }

  private Stream<Example> heldOut(FileSpec file) {
    if (file.heldOut().file() != null) {
      return examples(file.ofHeldOut());
    }
    if (file.heldOut().share() == 0) {
      return Stream.empty();
    }
    return examples(file).filter(example -> isInShare(file, example));
  }

  private static boolean isInShare(FileSpec file, Example example) {
    return TextHash.of(example).position() < file.heldOut().share();
  }

  private Stream<Example> examples(FileSpec file) {
    String name = file.path().getFileName().toString();
    Stream<Example> examples = rows(file).map(row -> file.template().fill(name, row));
    return file.limit() == 0
        ? examples
        : examples.filter(samples.computeIfAbsent(file, this::sample)::has);
  }

  /** The rows of the entry's part. */
  private Stream<Row> rows(FileSpec file) {
    Choice<DataSource> source = tools.choose(DataSource.class, file.format(), file.options());
    Part part = file.part();
    if (part == null) {
      return source.plugin().read(source.options(), file.path());
    }
    Choice<Partitioner> cutter =
        tools.choose(Partitioner.class, part.partitioner(), part.options());
    Partition cut = cutter.plugin().open(cutter.options(), part.of(), part.seed());
    return new Parting(file, cut).rows(source.plugin().read(source.options(), file.path()));
  }

  /** A first pass finds out who is in. */
  private Sample sample(FileSpec file) {
    try (Stream<Example> all = examples(file.unlimited())) {
      return Sample.of(all.map(TextHash::of), file.limit());
    }
  }
}
