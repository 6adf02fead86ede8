package fedllm.learning.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  private static Schedule schedule(String form, double warmup) {
    return new Schedule(form, 2.0, 0, 10, Math.round(10 * warmup));
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

  @Test
  void fallsOverARunAsOverOneLongRound() {
    Schedule whole = new Schedule("cosine", 2.0, 0, 12, 3);
    for (int round = 0; round < 3; round++) {
      Schedule part = new Schedule("cosine", 2.0, 4L * round, 12, 3);
      for (int step = 0; step < 4; step++) {
        assertEquals(whole.at(4L * round + step), part.at(step));
      }
    }
    assertEquals(0, new Schedule("linear", 2.0, 16, 12, 0).at(0), "after the end");
  }
}
