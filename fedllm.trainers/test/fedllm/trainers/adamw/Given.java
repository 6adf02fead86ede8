package fedllm.trainers.adamw;

import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;

/** Options as a job would give them. */
record Given(Map<String, Object> values, Map<String, Object> plugins) implements Options {

  static Given of(Map<String, Object> values) {
    return new Given(values, Map.of());
  }

  @Override
  public <T extends Annotation> T as(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, member, arguments) ->
                values.getOrDefault(member.getName(), member.getDefaultValue())));
  }

  @Override
  public <K> Choice<K> choice(String key, Class<K> contract) {
    return new Choice<>(contract.cast(plugins.get(key)), of(Map.of()));
  }
}
