package fedllm.runtime.data;

import fedllm.api.data.Data;
import fedllm.api.data.DataSource;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Examples out of files. No text is on both sides: a share is cut by a hash of the text, and what
 * any entry holds out is learned from in none. Safe for many threads.
 */
public final class FileData implements Data {

  private final DataSpec spec;
  private final Function<FileSpec, Choice<DataSource>> sources;
  private final Map<FileSpec, Sample> samples = new ConcurrentHashMap<>();
  private Set<TextHash> kept;

  /** Reads the files of {@code spec} with the data source that {@code sources} finds for each. */
  public FileData(DataSpec spec, Function<FileSpec, Choice<DataSource>> sources) {
    this.spec = spec;
    this.sources = sources;
  }

  @Override
  public Stream<Example> train() {
    List<Supplier<Stream<Example>>> streams = new ArrayList<>();
    for (FileSpec file : spec.files()) {
      streams.add(() -> widen(examples(file).filter(isLearned(file))));
    }
    return Concatenation.of(streams, this::nothingToLearn);
  }

  @Override
  public Stream<Example> heldOut() {
    List<Supplier<Stream<Example>>> streams = new ArrayList<>();
    for (FileSpec file : spec.files()) {
      streams.add(() -> widen(heldOut(file)));
    }
    return Concatenation.of(streams, () -> {});
  }

  private void nothingToLearn() {
    throw new SitsOut(
        spec.files().stream().map(f -> f.path().getFileName().toString()).toList()
            + ": there is no example to learn from; give the data more, or hold out less");
  }

  private static Stream<Example> widen(Stream<Example.Text> texts) {
    return texts.map(Example.class::cast);
  }

  private Predicate<Example.Text> isLearned(FileSpec file) {
    if (isCutByHashAlone()) {
      return example -> !isInShare(file, example);
    }
    Set<TextHash> heldOut = kept();
    return example -> !heldOut.contains(TextHash.of(example));
  }

  /** With one entry the hash decides; with more, one may hold out a text that another has too. */
  private boolean isCutByHashAlone() {
    return spec.files().size() == 1 && spec.files().get(0).heldOut().file() == null;
  }

  private synchronized Set<TextHash> kept() {
    if (kept == null) {
      Set<TextHash> hashes = new HashSet<>();
      for (FileSpec file : spec.files()) {
        try (Stream<Example.Text> examples = heldOut(file)) {
          examples.map(TextHash::of).forEach(hashes::add);
        }
      }
      kept = hashes;
    }
    return kept;
  }

  private Stream<Example.Text> heldOut(FileSpec file) {
    if (file.heldOut().file() != null) {
      return examples(file.ofHeldOut());
    }
    if (file.heldOut().share() == 0) {
      return Stream.empty();
    }
    return examples(file).filter(example -> isInShare(file, example));
  }

  private static boolean isInShare(FileSpec file, Example.Text example) {
    return TextHash.of(example).position() < file.heldOut().share();
  }

  private Stream<Example.Text> examples(FileSpec file) {
    Choice<DataSource> source = sources.apply(file);
    String name = file.path().getFileName().toString();
    Stream<Example.Text> examples =
        source
            .plugin()
            .read(source.options(), file.path())
            .map(row -> file.template().fill(name, row));
    return file.limit() == 0
        ? examples
        : examples.filter(samples.computeIfAbsent(file, this::sample)::has);
  }

  /** A first pass finds out who is in. */
  private Sample sample(FileSpec file) {
    FileSpec whole =
        new FileSpec(
            file.path(), file.format(), file.options(), file.template(), file.heldOut(), 0);
    try (Stream<Example.Text> all = examples(whole)) {
      return Sample.of(all.map(TextHash::of), file.limit());
    }
  }
}
