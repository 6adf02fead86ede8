package fedllm.strategies.async;

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

class AsyncTest implements ProtocolContract {

  private final ScriptedConductor conductor = new ScriptedConductor("a", "b");

  @Override
  public RoundProtocol protocol() {
    return new Async();
  }

  @Override
  public Options options() {
    return TestOptions.of(Async.Config.class, Map.of("rounds", 2, "maxStaleness", 7));
  }

  @Test
  void everyUpdateClosesARound() {
    Course course = protocol().open(options(), Samples.SCOPE);
    assertEquals(7, course.maxStaleness());
    course.on(new Event.Started(0), conductor);
    course.on(conductor.opened(1), conductor);
    course.on(new Event.Arrived(1, new Member("b", 5), 1), conductor);
    course.on(new Event.Closed(1), conductor);
    course.on(conductor.opened(2, "a"), conductor);
    course.on(new Event.Arrived(2, new Member("a", 5, 1), 1), conductor);
    course.on(new Event.Closed(2), conductor);
    assertEquals(
        List.of("open 1", "close 1", "open 2", "close 2", "finish"), conductor.takeCalls());
  }
}
