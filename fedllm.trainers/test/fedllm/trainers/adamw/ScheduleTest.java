package fedllm.trainers.adamw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  private static Schedule schedule(String form, double warmup) {
    Map<String, Object> values =
        Map.of("schedule", form, "warmup", warmup, "learningRate", 2.0, "steps", 10);
    AdamW.Config config = TestOptions.of(AdamW.Config.class, values).as(AdamW.Config.class);
    return Schedule.of(config, config.steps());
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "linear", "cosine"})
  void risesToTheHighestRateOverTheWarmup(String form) {
    Schedule schedule = schedule(form, 0.4);
    assertEquals(0.5, schedule.at(0));
    assertEquals(1.0, schedule.at(1));
    assertEquals(2.0, schedule.at(3));
    assertEquals(2.0, schedule.at(4));
  }

  @Test
  void staysAsHighAsItIs() {
    assertEquals(2.0, schedule("constant", 0).at(9));
  }

  @Test
  void fallsInALine() {
    Schedule schedule = schedule("linear", 0);
    assertEquals(2.0, schedule.at(0));
    assertEquals(1.0, schedule.at(5), 1e-12);
    assertEquals(0.2, schedule.at(9), 1e-12);
  }

  @Test
  void fallsInHalfAWave() {
    Schedule schedule = schedule("cosine", 0);
    assertEquals(2.0, schedule.at(0));
    assertEquals(1.0, schedule.at(5), 1e-12);
    assertTrue(schedule.at(9) > 0 && schedule.at(9) < 0.1);
  }
}
