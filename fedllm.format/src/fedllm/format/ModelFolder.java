package fedllm.format;

import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A model in Hugging Face layout: {@code config.json}, one or several {@code *.safetensors} with
 * their index, {@code tokenizer.json}.
 *
 * @param folder where it lies
 * @param weights the weight files, by name
 */
public record ModelFolder(Path folder, List<Path> weights) {

  /** Fingerprints of this process; hashing tens of gigabytes takes a minute. */
  private static final Map<Seen, String> FINGERPRINTS = new ConcurrentHashMap<>();

  public ModelFolder {
    weights = List.copyOf(weights);
  }

  /** A file as it was when somebody looked. */
  private record Stamp(Path file, long bytes, FileTime changed) {}

  /** Configuration and weight files at one time. Two are equal when no file has changed. */
  public static final class Seen {
    private final List<Stamp> stamps;

    private Seen(List<Stamp> stamps) {
      this.stamps = List.copyOf(stamps);
    }

    /** Whether the files are as long as the others, one by one, and so may be copies of them. */
    public boolean asLongAs(Seen other) {
      return stamps.stream()
          .map(Stamp::bytes)
          .toList()
          .equals(other.stamps.stream().map(Stamp::bytes).toList());
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Seen seen && stamps.equals(seen.stamps);
    }

    @Override
    public int hashCode() {
      return stamps.hashCode();
    }
  }

  /**
   * Looks at a folder.
   *
   * @throws SitsOut when a file is missing; the message names it
   */
  public static ModelFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new SitsOut(
          folder + ": no such folder; base must name a folder in Hugging Face layout");
    }
    ModelFolder model = new ModelFolder(folder, weightFiles(folder));
    present(model.config());
    model.weights.forEach(ModelFolder::present);
    return model;
  }

  /** The configuration. */
  public Path config() {
    return folder.resolve("config.json");
  }

  /** The tokenizer; not every use of a model needs it. */
  public Path tokenizer() {
    return folder.resolve("tokenizer.json");
  }

  /**
   * SHA-256 over the bytes of {@code config.json} and of the weight files in order of their names;
   * read once as long as no file changes.
   */
  public String fingerprint() {
    try {
      Seen seen = seen();
      String known = FINGERPRINTS.get(seen);
      if (known == null) {
        known = hash(files());
        FINGERPRINTS.put(seen, known);
      }
      return known;
    } catch (IOException e) {
      throw new SitsOut(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The same files as they are now, told without reading them. */
  public Seen seen() {
    try {
      List<Stamp> stamps = new ArrayList<>();
      for (Path file : files()) {
        stamps.add(new Stamp(file.toRealPath(), Files.size(file), Files.getLastModifiedTime(file)));
      }
      return new Seen(stamps);
    } catch (IOException e) {
      throw new SitsOut(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(config()));
    files.addAll(weights);
    return files;
  }

  private static String hash(List<Path> files) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[1 << 16];
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> weightFiles(Path folder) {
    Path index = folder.resolve(WeightIndex.NAME);
    if (Files.exists(index)) {
      TreeSet<String> names = new TreeSet<>(WeightIndex.read(index).files().values());
      return names.stream().map(index::resolveSibling).toList();
    }
    Path whole = folder.resolve("model.safetensors");
    if (Files.exists(whole)) {
      return List.of(whole); // Some folders hold the same weights once more, in another layout.
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
      if (found.isEmpty()) {
        throw new SitsOut(
            folder + ": holds no *.safetensors; convert the model's weights to safetensors");
      }
      return found;
    } catch (IOException e) {
      throw new SitsOut(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private static void present(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new SitsOut(file + ": is missing; download the whole model folder");
    }
  }
}
