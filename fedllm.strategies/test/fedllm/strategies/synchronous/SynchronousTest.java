package fedllm.strategies.synchronous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
      says(course, arrived(1, "c"), "close 1");
      says(course, arrived(1, "a"));
      says(course, absent(1, "b"));
      says(course, new Event.Closed(1), "open 2");
      says(course, conductor.opened(2));
      says(course, arrived(1, "b"));
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
    says(course, arrived(1, "e"), "close 1");
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
    return new Event.Arrived(round, new Member(client, 10));
  }

  private static Event absent(int round, String client) {
    return new Event.Absent(round, client, "lost");
  }
}
