package fedllm.cli.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RevivalsTest {

  private final Revivals revivals = new Revivals();

  @Test
  void whoDiesAFourthTimeInFiveMinutesIsGivenUp() {
    for (int i = 0; i < Revivals.MOST; i++) {
      assertTrue(revivals.mayStart("bank", 1000L * i));
    }
    assertFalse(revivals.mayStart("bank", Revivals.WITHIN_MS - 1));
    assertTrue(revivals.mayStart("clinic", Revivals.WITHIN_MS - 1), "that is another one");
  }

  @Test
  void whatIsLongAgoIsForgotten() {
    for (int i = 0; i < 100; i++) {
      assertTrue(revivals.mayStart("bank", i * Revivals.WITHIN_MS / Revivals.MOST));
    }
  }
}
