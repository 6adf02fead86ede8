package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.plugin.Options;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.Event;
import fedllm.api.protocol.RoundProtocol;
import fedllm.api.strategy.Member;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every round protocol promises. */
public interface ProtocolContract {

  /** The plugin. */
  RoundProtocol protocol();

  /** Its options, for a handful of rounds. */
  default Options options() {
    return TestOptions.none();
  }

  /** Plays a run in which all goes well; the events as they came. */
  private List<Event> play(List<List<String>> calls) {
    String[] clients = {"bank", "school"};
    Course course = protocol().open(options(), Samples.SCOPE);
    ScriptedConductor conductor = new ScriptedConductor(clients);
    Deque<Event> due = new ArrayDeque<>(List.of(new Event.Started(0)));
    List<Event> events = new ArrayList<>();
    while (!due.isEmpty() && events.size() < 1000) {
      Event event = due.poll();
      events.add(event);
      course.on(event, conductor);
      List<String> said = conductor.takeCalls();
      calls.add(said);
      for (String call : said) {
        String[] words = call.split(" ", -1);
        if (words[0].equals("open")) {
          int round = Integer.parseInt(words[1]);
          due.add(conductor.opened(round));
          for (String client : clients) {
            due.add(new Event.Reported(round, client));
            due.add(new Event.Arrived(round, new Member(client, 10), 1));
          }
        } else if (words[0].equals("close")) {
          due.add(new Event.Closed(Integer.parseInt(words[1])));
        }
      }
    }
    return events;
  }

  @Test
  default void undisturbedRunFinishesOnce() {
    List<List<String>> calls = new ArrayList<>();
    play(calls);
    List<String> all = calls.stream().flatMap(List::stream).toList();
    assertEquals(1, all.stream().filter("finish"::equals).count(), all.toString());
    assertEquals("finish", all.get(all.size() - 1));
    int rounds = protocol().rounds(options());
    long closed = all.stream().filter(call -> call.startsWith("close ")).count();
    assertTrue(closed > 0, all.toString());
    assertTrue(rounds == 0 || rounds == closed, rounds + " rounds were said, not " + closed);
  }

  @Test
  default void recordedEventsGiveTheSameCallsAgain() {
    List<List<String>> calls = new ArrayList<>();
    List<Event> events = play(calls);
    Course again = protocol().open(options(), Samples.SCOPE);
    ScriptedConductor conductor = new ScriptedConductor("bank", "school");
    for (int i = 0; i < events.size(); i++) {
      again.on(events.get(i), conductor);
      assertEquals(calls.get(i), conductor.takeCalls());
    }
  }
}
