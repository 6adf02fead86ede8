package fedllm.runtime.data;

import fedllm.api.plugin.Choice;
import java.util.Map;

/** Where the plugins that read and cut files come from. */
@FunctionalInterface
public interface Tools {

  /** A plugin by its contract and name, with options that were checked. */
  <K> Choice<K> choose(Class<K> contract, String name, Map<String, Object> options);
}
