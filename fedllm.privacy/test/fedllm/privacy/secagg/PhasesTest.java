package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.Event;
import fedllm.api.protocol.RoundProtocol;
import fedllm.api.strategy.Member;
import fedllm.strategies.synchronous.Synchronous;
import fedllm.testkit.ProtocolContract;
import fedllm.testkit.Samples;
import fedllm.testkit.ScriptedConductor;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PhasesTest implements ProtocolContract {

  @Override
  public RoundProtocol protocol() {
    return new Phases();
  }

  @Override
  public Options options() {
    return TestOptions.none()
        .with(
            "of",
            new Synchronous(),
            TestOptions.of(Synchronous.Config.class, Map.of("rounds", 3, "quorum", "present")));
  }

  private final ScriptedConductor conductor = new ScriptedConductor("bank", "school");
  private final Course course = protocol().open(options(), Samples.SCOPE);

  private List<String> after(Event event) {
    course.on(event, conductor);
    return conductor.takeCalls();
  }

  @Test
  void aRunHasFourRoundsForEachAggregation() {
    assertEquals(12, protocol().rounds(options()));
    assertEquals(List.of("open 1"), after(new Event.Started(0)));
    for (int round = 1; round < 12; round++) {
      assertEquals(List.of("open " + (round + 1)), after(new Event.Closed(round)));
    }
    assertEquals(List.of("finish"), after(new Event.Closed(12)));
  }

  @Test
  void aNewCourseGoesOnInTheMiddleOfAnAggregation() {
    for (int closed = 0; closed < 12; closed++) {
      Course fresh = protocol().open(options(), Samples.SCOPE);
      fresh.on(new Event.Started(closed), conductor);
      assertEquals(List.of("open " + (closed + 1)), conductor.takeCalls());
    }
  }

  @Test
  void whoIsLostInAPhaseIsNotWaitedForInIt() {
    after(new Event.Started(2));
    after(conductor.opened(3));
    assertEquals(List.of(), after(new Event.Arrived(3, new Member("bank", 1), 1)));
    assertEquals(List.of("close 3"), after(new Event.Lost(3, "school")));
    after(new Event.Closed(3));
    after(conductor.opened(4));
    assertEquals(List.of(), after(new Event.Lost(3, "bank"))); // of a phase that is over
  }

  @Test
  void aProtocolThatLetsUpdatesComeLateIsRefused() {
    RoundProtocol late =
        (options, scope) ->
            new Course() {
              @Override
              public void on(Event event, Conductor conductor) {}

              @Override
              public int maxStaleness() {
                return 1;
              }
            };
    Refused refused =
        assertThrows(
            Refused.class,
            () ->
                protocol()
                    .open(TestOptions.none().with("of", late, TestOptions.none()), Samples.SCOPE));
    assertTrue(refused.getMessage().contains("such as synchronous"), refused.getMessage());
  }
}
