package fedllm.testkit;

import fedllm.api.optimizer.Descent;
import fedllm.api.planner.Planning;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.api.trainer.Learned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a server does with updates, in one place and in memory: a strategy's fold by modules, then
 * an optimizer's steps. For methods that take several rounds or change the state's tensors; module
 * names must differ.
 */
public final class OnePlace {

  private static final Scope SERVER = new Scope("test", "server", 42);

  private final Choice<AggregationStrategy> strategy;
  private Tensors state;
  private int round;

  /** Begins with a state. */
  public OnePlace(Choice<AggregationStrategy> strategy, Tensors initial) {
    this.strategy = strategy;
    this.state = initial;
  }

  /** The present state. */
  public Tensors state() {
    return state;
  }

  /** The round that is to come, from 1 on. */
  public int round() {
    return round + 1;
  }

  /** What of the state travels with the orders of the round that is to come; a copy. */
  public Tensors broadcast(Planning planning) {
    Schema travels = state.schema().only(module -> planning.sends(round(), module));
    List<float[]> values = new ArrayList<>();
    travels.tensors().forEach(t -> values.add(state.values(t.name()).clone()));
    return new Tensors(travels, values);
  }

  /**
   * Closes a round.
   *
   * @param updates of its members, in client order
   */
  public void close(SortedMap<String, Learned> updates, Descent descent) {
    strategy.plugin().admit(strategy.options(), updates.size());
    List<Member> members = new ArrayList<>();
    List<Schema> schemas = new ArrayList<>();
    Schema expected = strategy.plugin().update(strategy.options(), state.schema(), Map.of());
    updates.forEach(
        (client, learned) -> {
          if (!learned.update().schema().equals(expected)) {
            throw new AssertionError(client + " sent " + learned.update().schema());
          }
          members.add(new Member(client, learned.examples()));
          schemas.add(learned.update().schema());
        });
    Round closing = new Round(round(), members, schemas, state.schema(), SERVER);
    Schema combined = strategy.plugin().combined(strategy.options(), closing);
    Aggregation aggregation = strategy.plugin().open(strategy.options(), closing);
    descent.begin(round());
    Tensors next = new Tensors(descent.next(state.schema(), combined));
    Map<String, float[]> stepped = new HashMap<>();
    Block block = new Block();
    for (Unit unit : combined.modules()) {
      block.reset(unit.length());
      aggregation.fold(unit, parts(closing, updates, unit.module()), block);
      float[] update = new float[unit.length()];
      block.copyTo(update);
      Unit after = Unit.of(next.schema().only(unit.module()::equals).tensors());
      float[] values = new float[after.length()];
      descent.step(after, joined(state, unit.module()), update, values);
      stepped.put(unit.module(), values);
    }
    fill(next, stepped);
    state = next;
    round++;
  }

  private record OnePart(Member member, List<Tensor> tensors, float[] values) implements Part {}

  private static List<Part> parts(Round closing, Map<String, Learned> updates, String module) {
    List<Part> parts = new ArrayList<>();
    for (Member member : closing.members()) {
      Tensors update = updates.get(member.client()).update();
      parts.add(
          new OnePart(
              member, update.schema().only(module::equals).tensors(), joined(update, module)));
    }
    return parts;
  }

  /** A module's values one after the other; none where there is no such module. */
  private static float[] joined(Tensors of, String module) {
    Schema only = of.schema().only(module::equals);
    float[] all = new float[(int) only.size()];
    int at = 0;
    for (Tensor tensor : only.tensors()) {
      float[] values = of.values(tensor.name());
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  /** Modules that were stepped, and the others as they are. */
  private void fill(Tensors next, Map<String, float[]> stepped) {
    for (Unit unit : next.schema().modules()) {
      float[] values = stepped.get(unit.module());
      float[] from = values == null ? joined(state, unit.module()) : values;
      int at = 0;
      for (Tensor tensor : unit.tensors()) {
        float[] out = next.values(tensor.name());
        System.arraycopy(from, at, out, 0, out.length);
        at += out.length;
      }
    }
  }
}
