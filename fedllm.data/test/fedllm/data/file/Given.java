package fedllm.data.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** What the tests of data sources start from. */
public final class Given {

  private Given() {}

  /** A new file. */
  public static Path file(Path folder, String name, String text) throws IOException {
    return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  /** A file of real data; the test is skipped where there is none. */
  public static Path real(String name) {
    String folder = System.getenv().getOrDefault("FEDLLM_DATA", "../../shared/data");
    Path file = Path.of(folder, name);
    Assumptions.assumeTrue(Files.exists(file), "no " + name + " in " + folder);
    return file;
  }
}
