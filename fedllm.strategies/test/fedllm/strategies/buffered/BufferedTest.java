package fedllm.strategies.buffered;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

class BufferedTest implements ProtocolContract {

  private final ScriptedConductor conductor = new ScriptedConductor("a", "b", "c", "d");

  @Override
  public RoundProtocol protocol() {
    return new Buffered();
  }

  @Override
  public Options options() {
    return TestOptions.of(Buffered.Config.class, Map.of("rounds", 3, "buffer", 2));
  }

  @Test
  void closesWithTheFirstUpdatesAndCountsTheOthersWhenTheyCome() {
    Course course = started();
    assertEquals(20, course.maxStaleness());
    says(course, arrived(1, "c", 0));
    says(course, arrived(1, "c", 0)); // once
    says(course, arrived(1, "a", 0), "close 1");
    says(course, arrived(1, "b", 0));
    says(course, new Event.Closed(1), "open 2");
    says(course, conductor.opened(2, "b", "d"));
    says(course, arrived(2, "d", 1));
    says(course, arrived(2, "a", 0), "close 2");
    says(course, new Event.Closed(2), "open 3");
    says(course, conductor.opened(3, "b", "c"));
    says(course, arrived(3, "b", 2));
    says(course, arrived(3, "c", 1), "close 3");
    says(course, new Event.Closed(3), "finish");
  }

  @Test
  void closesWithFewerWhereNobodyElseIsHeardOf() {
    Course course = started();
    says(course, arrived(1, "c", 0));
    says(course, absent(1, "a"));
    says(course, new Event.Lost(1, "b"));
    says(course, new Event.Back(1, "b"));
    says(course, new Event.Lost(1, "d"));
    says(course, new Event.Lost(1, "b"), "close 1");
    says(course, new Event.Back(1, "b"));
  }

  @Test
  void waitsForTheFirstUpdateAlsoWhereAllAreLost() {
    Course course = started();
    for (String client : List.of("a", "b", "c", "d")) {
      says(course, new Event.Lost(1, client));
    }
    says(course, arrived(1, "b", 0), "close 1");
  }

  @Test
  void givesUpARoundInWhichEverybodySitsOutAndTakesItsRepetition() {
    Course course = started();
    for (String client : List.of("a", "b", "c")) {
      says(course, absent(1, client));
    }
    says(course, absent(1, "d"), "repeat 1");
    says(course, conductor.opened(1));
    says(course, arrived(1, "a", 0));
    says(course, arrived(1, "b", 0), "close 1");
  }

  @Test
  void opensForThoseWhoAreLateAlone() {
    Course course = started();
    says(course, arrived(1, "a", 0));
    says(course, arrived(1, "b", 0), "close 1");
    says(course, new Event.Closed(1), "open 2");
    says(course, conductor.opened(2, "a", "b", "c", "d"));
    says(course, arrived(2, "d", 1));
    says(course, arrived(2, "c", 1), "close 2");
  }

  @Test
  void goesOnAfterTheLastClosedRound() {
    Course course = protocol().open(options(), Samples.SCOPE);
    says(course, new Event.Started(2), "open 3");
    says(protocol().open(options(), Samples.SCOPE), new Event.Started(3), "finish");
  }

  private Course started() {
    Course course = protocol().open(options(), Samples.SCOPE);
    says(course, new Event.Started(0), "open 1");
    says(course, conductor.opened(1));
    return course;
  }

  private void says(Course course, Event event, String... calls) {
    course.on(event, conductor);
    assertEquals(List.of(calls), conductor.takeCalls(), event.toString());
  }

  private static Event arrived(int round, String client, int late) {
    return new Event.Arrived(round, new Member(client, 10, late), 1);
  }

  private static Event absent(int round, String client) {
    return new Event.Absent(round, client, "lost");
  }
}
