package fedllm.api.trainer;

import fedllm.api.data.Data;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What a silo gives the workers of one client in one run. */
@ProviderType
public interface Site {

  /** Whose work it is, and the job's seed. */
  Scope scope();

  /** The base model's folder on this machine. */
  Path base();

  /** This client's examples. */
  Data data();

  /**
   * The plugin that the job names under a key of its own, such as {@code peft}.
   *
   * @throws fedllm.api.error.SitsOut when no bundle here provides it
   */
  <K> Choice<K> choice(String key, Class<K> contract);

  /** The same, or nothing where the job names none. */
  default <K> Optional<Choice<K>> optional(String key, Class<K> contract) {
    return Optional.empty();
  }
}
