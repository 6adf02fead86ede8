package fedllm.strategies.synchronous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.Event;
import fedllm.api.protocol.RoundProtocol;
import fedllm.api.strategy.Member;
import fedllm.testkit.ProtocolContract;
import fedllm.testkit.Samples;
import fedllm.testkit.ScriptedConductor;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SynchronousTest implements ProtocolContract {

  private final ScriptedConductor conductor = new ScriptedConductor("a", "b", "c", "d", "e");

  @Override
  public RoundProtocol protocol() {
    return new Synchronous();
  }

  @Override
  public Options options() {
    return TestOptions.of(Synchronous.Config.class, Map.of("rounds", 3));
  }

  @Test
  void closesWhenEveryUpdateIsThere() {
    Course course = started(3, "all");
    says(course, arrived(1, "a"));
    says(course, new Event.Reported(1, "b"));
    says(course, arrived(1, "b"));
    says(course, arrived(1, "b"));
    says(course, arrived(1, "c"));
    says(course, arrived(1, "d"));
    says(course, arrived(1, "e"), "close 1");
    says(course, new Event.Closed(1), "open 2");
  }

  @Test
  void doesNotWaitForThoseWhoSitOut() {
    Course course = started(3, "all");
    for (String client : List.of("a", "b", "c")) {
      says(course, arrived(1, client));
    }
    says(course, absent(1, "a"));
    says(course, absent(1, "d"));
    says(course, absent(1, "e"), "close 1");
  }

  @Test
  void closesOnANumberOrAShare() {
    for (String quorum : List.of("2", "40%", "21%")) {
      Course course = started(3, quorum);
      says(course, arrived(1, "e"));
      says(course, arrived(1, "c", 2), "remind 1 2000");
      says(course, arrived(1, "a", 3));
      says(course, absent(1, "b"));
      says(course, new Event.Reminded(1), "close 1");
      says(course, arrived(1, "d"));
      says(course, new Event.Closed(1), "open 2");
      says(course, conductor.opened(2));
      says(course, arrived(1, "b"));
      says(course, new Event.Reminded(1));
    }
  }

  @Test
  void closesOnItsQuorumWhereNobodyElseCanCome() {
    Course course = started(3, "60%");
    says(course, arrived(1, "e"));
    says(course, absent(1, "a"));
    says(course, new Event.Lost(1, "b"));
    says(course, arrived(1, "c"));
    says(course, arrived(1, "d"), "close 1");
  }

  /** a and b come after 10 s give or take 1, c after 13, d after 100. */
  @Test
  void waitsForThoseWhoUseToComeInTimeAndForNobodyElse() {
    Course course = started(50, "1");
    double[] usual = {10, 10, 13, 100};
    for (int round = 1; round < 40; round++) {
      for (int i = 0; i < 4; i++) {
        course.on(
            arrived(round, Character.toString('a' + i), usual[i] + (round % 2) * 2 - 1), conductor);
      }
      course.on(new Event.Absent(round, "e", "has no data"), conductor);
      course.on(new Event.Closed(round), conductor);
      conductor.takeCalls();
      course.on(conductor.opened(round + 1), conductor);
    }
    says(course, absent(40, "e"));
    course.on(arrived(40, "a", 10), conductor);
    String call = conductor.takeCalls().get(0);
    double seconds = Integer.parseInt(call.substring("remind 40 ".length())) / 1000.0;
    assertTrue(seconds > 3 + 1 && seconds < 10, "c is waited for, d is not: " + seconds);
    says(course, new Event.Reminded(40), "close 40");
  }

  @Test
  void waitsForTheLostUnlessThoseWhoArePresentAreEnough() {
    Course all = started(3, "all");
    assertTrue(all.awaitsLost());
    Course present = started(3, "present");
    assertFalse(present.awaitsLost());
    for (String client : List.of("a", "b", "c", "d")) {
      says(all, arrived(1, client));
      says(present, arrived(1, client));
    }
    says(all, new Event.Lost(1, "e"));
    says(all, new Event.Back(1, "e"));
    says(all, arrived(1, "e"), "close 1");
    says(present, new Event.Lost(1, "e"), "close 1");
  }

  @Test
  void isNotGivenUpWhereTheLostMayStillCome() {
    for (String quorum : List.of("present", "3", "all")) {
      Course course = started(3, quorum);
      for (String client : List.of("a", "b", "c", "d", "e")) {
        says(course, new Event.Lost(1, client));
      }
      says(course, new Event.Back(1, "a"));
      says(course, absent(1, "b"));
      says(course, absent(1, "c"));
    }
  }

  @Test
  void givesUpARoundWhoseQuorumCannotComeAndTakesItsRepetition() {
    Course course = started(3, "80%");
    says(course, arrived(1, "a"));
    says(course, absent(1, "b"));
    says(course, absent(1, "c"), "repeat 1");
    assertEquals(
        "4 updates are needed, but only 3 of the 5 clients asked to train can send one",
        conductor.lastReason());
    says(course, arrived(1, "d"));
    says(course, conductor.opened(1));
    for (String client : List.of("b", "c", "d")) {
      says(course, arrived(1, client));
    }
    says(course, arrived(1, "e"), "remind 1 1000");
    says(course, arrived(1, "a"), "close 1");
  }

  @Test
  void givesUpARoundInWhichNobodyIsAskedToTrain() {
    Course course = protocol().open(options(), Samples.SCOPE);
    says(course, new Event.Started(0), "open 1");
    says(course, new Event.Opened(1, List.of()), "repeat 1");
  }

  @Test
  void givesUpARoundInWhichEverybodySitsOut() {
    Course course = started(3, "all");
    for (String client : List.of("a", "b", "c", "d")) {
      says(course, absent(1, client));
    }
    says(course, absent(1, "e"), "repeat 1");
  }

  @Test
  void goesOnAfterTheLastClosedRound() {
    Course course = protocol().open(options(), Samples.SCOPE);
    says(course, new Event.Started(2), "open 3");
    says(protocol().open(options(), Samples.SCOPE), new Event.Started(3), "finish");
  }

  @Test
  void refusesAQuorumThatIsNone() {
    for (String quorum : List.of("", "0", "-1", "101%", "0%", "half", "3.5", "ALL")) {
      Options options =
          TestOptions.of(Synchronous.Config.class, Map.of("rounds", 3, "quorum", quorum));
      assertThrows(Refused.class, () -> protocol().rounds(options), quorum);
    }
  }

  private Course started(int rounds, String quorum) {
    Options options =
        TestOptions.of(Synchronous.Config.class, Map.of("rounds", rounds, "quorum", quorum));
    Course course = protocol().open(options, Samples.SCOPE);
    says(course, new Event.Started(0), "open 1");
    says(course, conductor.opened(1));
    return course;
  }

  private void says(Course course, Event event, String... calls) {
    course.on(event, conductor);
    assertEquals(List.of(calls), conductor.takeCalls(), event.toString());
  }

  private static Event arrived(int round, String client) {
    return arrived(round, client, 1);
  }

  private static Event arrived(int round, String client, double seconds) {
    return new Event.Arrived(round, new Member(client, 10), seconds);
  }

  private static Event absent(int round, String client) {
    return new Event.Absent(round, client, "lost");
  }
}
