package fedllm.runtime.server;

import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.optimizer.Descent;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Transport;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsWriter;
import fedllm.runtime.wire.FrameDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * Pass 2: the members' updates, in client order, become the next global state, unit by unit. Memory
 * is a unit for each member and a few for the result, whatever the model's size. One thread.
 */
final class Fold {

  private final Round round;
  private final List<Arrival> arrivals;
  private final Supplier<FrameDecoder> chain;
  private final Transport transport;
  private final List<Unit> units;

  /**
   * Of a closed round.
   *
   * @param arrivals the members' updates, in the order of the round's members
   * @param chain opens the chain that they were sent through
   */
  Fold(
      Round round,
      List<Arrival> arrivals,
      AggregationStrategy strategy,
      Supplier<FrameDecoder> chain,
      Transport transport) {
    this.round = round;
    this.arrivals = arrivals;
    this.chain = chain;
    this.transport = transport;
    this.units = units(round.schema(), strategy.units());
  }

  private static List<Unit> units(Schema schema, Units by) {
    List<Unit> units = new ArrayList<>();
    List<Tensor> all = schema.tensors();
    for (int from = 0; from < all.size(); ) {
      int to = from + 1;
      if (by == Units.COLUMNS) {
        for (int i = 0; i < Unit.blocks(all.get(from)); i++) {
          units.add(Unit.block(all.get(from), i));
        }
      } else {
        while (to < all.size() && all.get(to).module().equals(all.get(from).module())) {
          to++;
        }
        List<Tensor> module = all.subList(from, to);
        units.add(
            new Unit(module, 0, Math.toIntExact(module.stream().mapToLong(Tensor::size).sum())));
      }
      from = to;
    }
    return units;
  }

  /** Lets the strategy see everything once, where it asks for that. */
  void survey(Aggregation aggregation) {
    if (aggregation.surveys()) {
      eachUnit((unit, parts) -> aggregation.survey(unit, parts));
    }
  }

  /**
   * Combines, and writes the next state.
   *
   * @param watches guards on the combined update; where there are some, it is combined once more
   *     first for them to see
   * @return the new file's SHA-256
   */
  String fold(
      Aggregation aggregation,
      List<Watch> watches,
      Descent descent,
      SafetensorsFile before,
      SafetensorsWriter after)
      throws IOException {
    Passage passage = new Passage(Point.AGGREGATE, "server", round.number(), round.schema());
    watches.forEach(w -> w.begin(passage));
    if (!watches.isEmpty()) {
      combine(aggregation, (unit, update) -> watches.forEach(w -> w.observe(unit, update)));
    }
    descent.begin(round.number());
    float[][] buffers = new float[2][0];
    combine(
        aggregation,
        (unit, update) -> {
          watches.forEach(w -> w.pass(unit, update));
          for (int i = 0; i < 2; i++) {
            if (buffers[i].length < unit.length()) {
              buffers[i] = new float[unit.length()];
            }
          }
          GlobalStates.read(before, unit, buffers[0]);
          descent.step(unit, buffers[0], update, buffers[1]);
          after.write(unit, buffers[1]);
        });
    return after.appear();
  }

  private interface OnUpdate {
    void take(Unit unit, float[] update) throws IOException;
  }

  private void combine(Aggregation aggregation, OnUpdate on) {
    Block out = new Block();
    float[][] update = {new float[0]};
    eachUnit(
        (unit, parts) -> {
          out.reset(unit.length());
          aggregation.fold(unit, parts, out);
          if (update[0].length < unit.length()) {
            update[0] = new float[unit.length()];
          }
          out.copyTo(update[0]);
          try {
            on.take(unit, update[0]);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private interface OnParts {
    void take(Unit unit, Iterable<Part> parts);
  }

  private void eachUnit(OnParts on) {
    try (Chunks chunks = new Chunks(transport, arrivals)) {
      List<MemberUnits> members = new ArrayList<>();
      for (Arrival arrival : arrivals) {
        members.add(new MemberUnits(arrival, chunks, round.schema(), chain.get()));
      }
      for (Unit unit : units) {
        Parts parts = new Parts(members, unit);
        on.take(unit, parts::once);
        parts.finish();
      }
    }
  }

  /** The members' parts of a unit, readable once; what a strategy leaves is passed over. */
  private static final class Parts implements Iterator<Part> {

    private final List<MemberUnits> members;
    private final Unit unit;
    private int next;
    private boolean handedOut;

    Parts(List<MemberUnits> members, Unit unit) {
      this.members = members;
      this.unit = unit;
    }

    Iterator<Part> once() {
      if (handedOut) {
        throw new IllegalStateException("the parts of a unit are readable once");
      }
      handedOut = true;
      return this;
    }

    @Override
    public boolean hasNext() {
      return next < members.size();
    }

    @Override
    public Part next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return members.get(next++).at(unit);
    }

    void finish() {
      while (hasNext()) {
        next();
      }
    }
  }
}
