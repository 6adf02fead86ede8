package fedllm.runtime.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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

  @Test
  void refusesTwoOptionsOfOneName() {
    IllegalArgumentException clash =
        assertThrows(
            IllegalArgumentException.class,
            () -> OptionSpec.of(Lessons.class, Adam.class, Clash.class));
    assertTrue(clash.getMessage().contains("declare the option steps"), clash.getMessage());
  }
}
