package fedllm.runtime.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Codec;
import fedllm.api.plugin.Wraps;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionSpecTest {

  @interface Lessons {
    int steps() default 20;

    int batch() default 8;
  }

  @interface Adam {
    double beta() default 0.9;
  }

  @interface Clash {
    long steps() default 1;
  }

  @Test
  void readsTheOptionsOfAllThatAPluginIsMadeOf() {
    assertEquals(
        List.of("batch", "beta", "steps"),
        OptionSpec.of(Lessons.class, Adam.class).stream().map(OptionSpec::name).toList());
    assertEquals(List.of(), OptionSpec.of());
  }

  @interface Wrapping {
    @Wraps(Codec.class)
    String[] of() default {};
  }

  @Test
  void aListThatWrapsTakesAListOfPlugins() {
    OptionSpec of = OptionSpec.of(Wrapping.class).get(0);
    assertEquals("plugins", of.type());
    assertEquals("codec", of.wraps());
    assertNull(of.complaint(List.of(Map.of("name", "topk"), Map.of("name", "int8"))));
    for (Object odd : List.of("topk", Map.of("name", "topk"), List.of("topk"))) {
      assertTrue(of.complaint(odd).contains("a list, each a codec"), of.complaint(odd));
    }
  }

  @Test
  void refusesTwoOptionsOfOneName() {
    IllegalArgumentException clash =
        assertThrows(
            IllegalArgumentException.class,
            () -> OptionSpec.of(Lessons.class, Adam.class, Clash.class));
    assertTrue(clash.getMessage().contains("declare the option steps"), clash.getMessage());
  }
}
