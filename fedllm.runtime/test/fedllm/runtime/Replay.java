package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.run.RoundView;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Terms;
import fedllm.runtime.message.Topics;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes the states of a run of {@link Paced} clients again, of nothing but what the log says: who
 * was asked by which order, and whose updates each round counts.
 */
final class Replay {

  /** Who counts in a round, by client: the order that each answers. */
  private final TreeMap<Integer, Map<String, Attempt>> members = new TreeMap<>();

  private final Map<Integer, RoundView> recorded = new TreeMap<>();
  private final List<Event.Closed> closings = new ArrayList<>();

  /** Reads what a federation's log says of its only run. */
  static Replay of(MemoryBroker broker) throws IOException {
    Replay replay = new Replay();
    Terms terms = new Terms();
    Topics topics = new Topics("test");
    try (MemoryTransport transport = new MemoryTransport(broker);
        Receiver receiver = transport.receiver()) {
      receiver.follow(topics.control(), 0);
      long end = receiver.end(topics.control());
      Map<Attempt, Event.Ordered> orders = new HashMap<>();
      for (long at = -1; at + 1 < end; ) {
        List<Record> records = receiver.poll(10);
        if (records.isEmpty()) {
          break; // the log ends with a gap
        }
        for (Record record : records) {
          at = record.offset();
          Event event = Json.read(Event.class, record.body());
          if (terms.counts(record, event)) {
            replay.take(event, orders);
          }
        }
      }
    }
    return replay;
  }

  private void take(Event event, Map<Attempt, Event.Ordered> orders) {
    if (event instanceof Event.Ordered ordered) {
      orders.put(ordered.attempt(), ordered);
    } else if (event instanceof Event.Closed closed) {
      closings.add(closed);
      Map<String, Attempt> answered = new TreeMap<>();
      for (String client : closed.members().keySet()) {
        Event.Earlier still = orders.get(closed.attempt()).clients().get(client).still();
        answered.put(client, still == null ? closed.attempt() : still.attempt());
      }
      members.put(closed.attempt().round(), answered);
    } else if (event instanceof Event.Recorded round) {
      recorded.put(round.round().number(), round.round());
    }
  }

  /** How rounds were closed, in order. */
  List<Event.Closed> closings() {
    return closings;
  }

  /** Rounds as they were recorded; 0 is the first state. */
  Map<Integer, RoundView> recorded() {
    return recorded;
  }

  /** The last state's value, which is that of every place in every tensor. */
  float value(AggregationStrategy strategy, Options options, Stepping optimizer) {
    Map<Integer, Float> states = new TreeMap<>(Map.of(0, 0f));
    members.forEach(
        (round, answered) -> {
          List<Member> who = new ArrayList<>();
          List<Part> parts = new ArrayList<>();
          Unit unit = new Unit(List.of(new Tensor("m", "w", List.of(1L))), 0, 1);
          answered.forEach(
              (client, order) -> {
                Member member = new Member(client, client.length(), round - order.round());
                assertEquals(
                    member.staleness(),
                    recorded.get(round).late().getOrDefault(client, 0),
                    client + " in round " + round);
                float given = states.get(order.round() - 1);
                who.add(member);
                parts.add(new Sent(member, unit.tensors(), Paced.pull(client, given)));
              });
          Round seen = new Round(round, who, Drift.SCHEMA, new Scope("r", "server", 0));
          Block out = new Block();
          out.reset(1);
          strategy.open(options, seen).fold(unit, parts, out);
          float[] update = new float[1];
          out.copyTo(update);
          states.put(round, optimizer.next(states.get(round - 1), update[0], round));
        });
    return states.get(members.lastKey());
  }

  /** How an optimizer steps. */
  interface Stepping {
    float next(float global, float update, int round);
  }

  private record Sent(Member member, List<Tensor> tensors, float value) implements Part {
    @Override
    public float[] values() {
      return new float[] {value};
    }
  }

  /** Whether every value of a state is this one. */
  static void assertAll(float expected, Path state) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(state)) {
      for (Tensor tensor : file.schema().tensors()) {
        float[] values = new float[(int) tensor.size()];
        file.floats(file.tensor(tensor.name()), 0, values, 0, values.length);
        for (float value : values) {
          assertEquals(expected, value, tensor.name());
        }
      }
    }
  }
}
