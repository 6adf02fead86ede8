package fedllm.data.file;

import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** What the tests of data sources start from. */
public final class Given {

  private Given() {}

  /** Options with these values and the defaults of all others. */
  public static Options options(Map<String, Object> values) {
    return new Options() {
      @Override
      public <T extends Annotation> T as(Class<T> type) {
        return type.cast(
            Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) ->
                    values.getOrDefault(method.getName(), method.getDefaultValue())));
      }

      @Override
      public <K> Choice<K> choice(String key, Class<K> contract) {
        throw new UnsupportedOperationException(key);
      }
    };
  }

  /** The options as they are when a job gives none. */
  public static Options none() {
    return options(Map.of());
  }

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
