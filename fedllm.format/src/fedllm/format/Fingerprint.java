package fedllm.format;

import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What names a base model: SHA-256 over the lines {@code name sha256} of {@code config.json} and
 * every {@code *.safetensors} file of its folder, by name. Computed again when a file changes.
 */
public final class Fingerprint {

  private static final Map<Path, Seen> SEEN = new ConcurrentHashMap<>();

  private Fingerprint() {}

  private record Seen(String stamp, String fingerprint) {}

  /**
   * The fingerprint of a folder.
   *
   * @throws SitsOut when it is no model's folder
   */
  public static String of(Path folder) {
    try {
      Map<String, Path> files = files(folder);
      StringBuilder stamp = new StringBuilder();
      for (Path file : files.values()) {
        stamp.append(file).append(Files.size(file)).append(Files.getLastModifiedTime(file));
      }
      Seen seen = SEEN.get(folder);
      if (seen == null || !seen.stamp().contentEquals(stamp)) {
        seen = new Seen(stamp.toString(), hash(files));
        SEEN.put(folder, seen);
      }
      return seen.fingerprint();
    } catch (IOException e) {
      throw new SitsOut(folder + ": the base model cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<String, Path> files(Path folder) throws IOException {
    Path config = folder.resolve("config.json");
    if (!Files.isRegularFile(config)) {
      throw new SitsOut(folder + ": there is no config.json; give a folder in Hugging Face layout");
    }
    Map<String, Path> files = new TreeMap<>();
    files.put("config.json", config);
    try (DirectoryStream<Path> weights = Files.newDirectoryStream(folder, "*.safetensors")) {
      weights.forEach(file -> files.put(file.getFileName().toString(), file));
    }
    return files;
  }

  private static String hash(Map<String, Path> files) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      lines.append(file.getKey()).append(' ').append(Sha256.hex(file.getValue())).append('\n');
    }
    return Sha256.hex(lines.toString().getBytes(StandardCharsets.UTF_8));
  }
}
