package fedllm.testkit;

import fedllm.api.plugin.Choice;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import java.lang.annotation.Annotation;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Options for a test, without a job: values by name, checked against the annotation. */
public final class TestOptions implements Options {

  private final Map<String, ?> values;
  private final Map<String, Choice<?>> choices;

  private TestOptions(Map<String, ?> values, Map<String, Choice<?>> choices) {
    this.values = Map.copyOf(values);
    this.choices = Map.copyOf(choices);
  }

  /** All defaults. */
  public static TestOptions none() {
    return new TestOptions(Map.of(), Map.of());
  }

  /** Some values; numbers of any type, text, lists of text. Nonsense throws here. */
  public static TestOptions of(Class<? extends Annotation> type, Map<String, ?> values) {
    return of(type.getName(), List.of(type.getDeclaredMethods()), values);
  }

  /** Some values of a plugin whose class says what options it has. Nonsense throws here. */
  public static TestOptions ofPlugin(Class<?> plugin, Map<String, ?> values) {
    List<Method> members = new ArrayList<>();
    for (Class<? extends Annotation> type : plugin.getAnnotation(Plugin.class).options()) {
      members.addAll(List.of(type.getDeclaredMethods()));
    }
    return of(plugin.getName(), members, values);
  }

  private static TestOptions of(String owner, List<Method> members, Map<String, ?> values) {
    TestOptions options = new TestOptions(values, Map.of());
    TreeSet<String> unknown = new TreeSet<>(values.keySet());
    members.stream().map(Method::getName).forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(owner + " has no " + unknown);
    }
    for (Method member : members) {
      check(member, options.value(member));
    }
    return options;
  }

  /** The same, and a plugin under a key marked {@link fedllm.api.plugin.Wraps}. */
  public TestOptions with(String key, Object plugin, Options pluginOptions) {
    Map<String, Choice<?>> more = new HashMap<>(choices);
    more.put(key, new Choice<>(plugin, pluginOptions));
    return new TestOptions(values, more);
  }

  /** The same, and plugins with their options under a key that is a list. */
  public TestOptions with(String key, List<Choice<?>> plugins) {
    TestOptions options = this;
    for (int i = 0; i < plugins.size(); i++) {
      options = options.with(key + "." + i, plugins.get(i).plugin(), plugins.get(i).options());
    }
    return options;
  }

  @Override
  public <T extends Annotation> T as(Class<T> type) {
    InvocationHandler handler =
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "annotationType" -> type;
              case "toString" -> type.getName() + values;
              case "hashCode" -> System.identityHashCode(proxy);
              case "equals" -> proxy == arguments[0];
              default -> value(method);
            };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @Override
  public <K> Choice<K> choice(String key, Class<K> contract) {
    Choice<?> choice = choices.get(key);
    if (choice == null) {
      throw new IllegalArgumentException("the test chose no plugin for " + key);
    }
    return new Choice<>(contract.cast(choice.plugin()), choice.options());
  }

  @Override
  public <K> List<Choice<K>> choices(String key, Class<K> contract) {
    List<Choice<K>> all = new ArrayList<>();
    for (int i = 0; choices.containsKey(key + "." + i); i++) {
      all.add(choice(key + "." + i, contract));
    }
    return all;
  }

  private Object value(Method member) {
    Object value = values.get(member.getName());
    return value == null ? member.getDefaultValue() : convert(member, value);
  }

  private static Object convert(Method member, Object value) {
    Class<?> type = member.getReturnType();
    if (value instanceof Number number) {
      if (type == int.class) {
        return number.intValue();
      } else if (type == long.class) {
        return number.longValue();
      } else if (type == float.class) {
        return number.floatValue();
      } else if (type == double.class) {
        return number.doubleValue();
      }
    } else if (value instanceof List<?> list && type == String[].class) {
      return list.toArray(String[]::new);
    } else if (value instanceof Boolean && type == boolean.class || type.isInstance(value)) {
      return value;
    }
    throw new IllegalArgumentException(member.getName() + " cannot be " + value);
  }

  private static void check(Method member, Object value) {
    Range range = member.getAnnotation(Range.class);
    if (range != null && value.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(value); i++) {
        check(member, Array.get(value, i));
      }
    } else if (range != null) {
      double number = ((Number) value).doubleValue();
      if (!(number >= range.min() && number > range.above() && number <= range.max())
          && !(number == Double.POSITIVE_INFINITY && range.max() == number)) {
        throw new IllegalArgumentException(member.getName() + " cannot be " + value);
      }
    }
    OneOf words = member.getAnnotation(OneOf.class);
    if (words != null && !Arrays.asList(words.value()).contains(value)) {
      throw new IllegalArgumentException(member.getName() + " cannot be " + value);
    }
  }
}
