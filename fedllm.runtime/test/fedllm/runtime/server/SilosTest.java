package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.runtime.message.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SilosTest {

  private static final Word.Beat BEAT = new Word.Beat(Map.of());
  private static final int LOOK_MS = 250;

  private final Silos silos = new Silos();
  private long nowMs = 1;
  private long awayNs;

  private void join() {
    silos.listened(nowMs * 1_000_000, awayNs);
    silos.join("bank", new Word.Joined("a machine", List.of(), ""));
  }

  /** The server looks on for a while, and the broker answers. */
  private List<String> listen(int millis) {
    List<String> lost = new ArrayList<>();
    for (int ms = 0; ms < millis; ms += LOOK_MS) {
      nowMs += LOOK_MS;
      silos.listened(nowMs * 1_000_000, awayNs);
      lost.addAll(silos.lose());
    }
    return lost;
  }

  private void beat(int times, int everyMs) {
    for (int i = 0; i < times; i++) {
      assertEquals(List.of(), listen(everyMs), "lost after beat " + i);
      silos.beat("bank", BEAT);
    }
  }

  @Test
  void aSiloThatBeatsLikeAClockIsMissedAfterThreeBeats() {
    join();
    beat(20, 1000);
    assertEquals(List.of(), listen(3000));
    assertEquals(List.of("bank"), listen(LOOK_MS));
    assertEquals("nothing was heard of it for 3 s", silos.whyAway("bank"));
    assertEquals(List.of(), silos.present());
  }

  @Test
  void aSiloWhoseBeatsAreDelayedIsGivenTwiceTheLongestDelay() {
    join();
    beat(10, 1000);
    beat(1, 3000);
    beat(10, 1000);
    assertEquals(List.of(), listen(6000));
    assertEquals(List.of("bank"), listen(LOOK_MS));
    silos.beat("bank", BEAT); // the false alarm is learnt from, too
    assertEquals(List.of(), listen(12_500));
    assertEquals(List.of("bank"), listen(LOOK_MS));
  }

  @Test
  void whatIsLongAgoDoesNotDelayTheAlarm() {
    join();
    beat(1, 3000);
    beat(101, 1000);
    assertEquals(List.of("bank"), listen(3000 + LOOK_MS));
  }

  @Test
  void whoJustCameHasTimeToStart() {
    join();
    beat(3, 1000);
    assertEquals(List.of(), listen((int) Silos.LOST_MS));
    assertEquals(List.of("bank"), listen(LOOK_MS));
  }

  @Test
  void howLongAStartTakesSaysNothingOfBeats() {
    join();
    beat(20, 1000);
    assertEquals(List.of("bank"), listen(60_000));
    silos.join("bank", new Word.Joined("a machine", List.of(), ""));
    beat(20, 1000);
    assertEquals(List.of("bank"), listen(3000 + LOOK_MS));
  }

  @Test
  void nobodyIsLostWhileTheBrokerIsAwayAndAllHaveTimeToFindItAgain() {
    join();
    beat(20, 1000);
    for (int i = 0; i < 400; i++) { // the broker does not answer: the same moment again and again
      silos.listened(nowMs * 1_000_000, awayNs);
      assertEquals(List.of(), silos.lose());
    }
    nowMs += 100_000;
    awayNs = nowMs * 1_000_000;
    assertEquals(List.of(), listen(14_000));
    silos.beat("bank", BEAT);
    assertEquals(List.of(), listen(3000), "it is back");
  }

  @Test
  void aServerThatDidNotListenForLongLosesNobody() {
    join();
    beat(20, 1000);
    nowMs += 60_000; // a fold
    assertEquals(List.of(), listen(LOOK_MS));
    silos.beat("bank", BEAT);
    assertEquals(List.of(), listen(3000));
    assertEquals(List.of("bank"), listen(LOOK_MS), "and it learns no delay from that");
  }

  @Test
  void whateverALostSiloSendsBringsItBackAndNothingThatOneSendsThatLeft() {
    join();
    beat(20, 1000);
    assertEquals(List.of("bank"), listen(4000));
    assertTrue(silos.knows("bank"));
    assertTrue(silos.heard("bank"));
    assertEquals(List.of("bank"), silos.present());
    silos.leave("bank");
    assertFalse(silos.knows("bank"));
    assertFalse(silos.knows("nobody"));
    assertEquals("it left", silos.whyAway("bank"));
  }

  @Test
  void aSiloThatWasLostIsBackWithItsNextBeat() {
    silos.join("bank", new Word.Joined("a machine", List.of(), ""));
    silos.leave("bank");
    assertEquals(List.of(), silos.present());
    assertTrue(silos.beat("bank", new Word.Beat(Map.of())));
    assertEquals(List.of("bank"), silos.present());
    assertFalse(silos.beat("bank", new Word.Beat(Map.of())), "it was not away");
  }

  @Test
  void whoNeverJoinedIsAStrangerWhateverBeats() {
    assertFalse(silos.beat("nobody", new Word.Beat(Map.of())));
    assertEquals(List.of(), silos.present());
  }
}
