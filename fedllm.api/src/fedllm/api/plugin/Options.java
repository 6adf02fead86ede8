package fedllm.api.plugin;

import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** A plugin's options in one job, checked when the job was submitted. */
@ProviderType
public interface Options {

  /** Those options that an annotation which the plugin declared asks for, defaults filled in. */
  <T extends Annotation> T as(Class<T> type);

  /**
   * The plugin that the option {@code key}, marked {@link Wraps}, names.
   *
   * @throws fedllm.api.error.SitsOut when no bundle here provides it
   */
  <K> Choice<K> choice(String key, Class<K> contract);

  /**
   * The plugins that the option {@code key}, a list marked {@link Wraps}, names, in their order.
   *
   * @throws fedllm.api.error.SitsOut when no bundle here provides one
   */
  <K> List<Choice<K>> choices(String key, Class<K> contract);
}
