package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Choice;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Transport;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsWriter;
import fedllm.runtime.wire.FrameDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Pass 2: the members' updates, in client order, become the next global state, unit by unit. Memory
 * is a unit and a few chunks for each member and a few units for the result, whatever the model's
 * size. One thread.
 */
public final class Fold {

  private final Round round;
  private final List<Arrival> arrivals;
  private final Supplier<FrameDecoder> chain;
  private final Transport transport;
  private final Schema combined;
  private final Cut cut;
  private final boolean byModule;
  private Schema next;

  /**
   * Of a closed round.
   *
   * @param arrivals the members' updates, in the order of the round's members
   * @param chain opens the chain that they were sent through
   */
  public Fold(
      Round round,
      List<Arrival> arrivals,
      Choice<AggregationStrategy> strategy,
      Supplier<FrameDecoder> chain,
      Transport transport) {
    this.round = round;
    this.arrivals = arrivals;
    this.chain = chain;
    this.transport = transport;
    this.combined = strategy.plugin().combined(strategy.options(), round);
    this.byModule = strategy.plugin().units() == Units.MODULES;
    this.cut = new Cut(combined, strategy.plugin().units(), arrivals.size());
    for (int i = 0; i < arrivals.size() && !byModule; i++) {
      if (!round.updates().get(i).equals(combined)) {
        throw new Ends(
            "the strategy goes by columns, but %s sent %s, not %s; choose one that goes by modules"
                .formatted(
                    round.members().get(i).client(),
                    round.updates().get(i).summary(),
                    combined.summary()));
      }
    }
  }

  /** The next state's tensors; asked once, before the fold. */
  public Schema next(Descent descent) {
    next = descent.next(round.schema(), combined);
    return next;
  }

  /** Lets the strategy see everything once, where it asks for that. */
  public void survey(Aggregation aggregation) {
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
  public String fold(
      Aggregation aggregation,
      List<Watch> watches,
      Descent descent,
      SafetensorsFile before,
      SafetensorsWriter after)
      throws IOException {
    Passage passage = new Passage(Point.AGGREGATE, "server", round.number(), combined);
    watches.forEach(w -> w.begin(passage));
    if (!watches.isEmpty()) {
      combine(aggregation, (unit, update) -> watches.forEach(w -> w.observe(unit, update)));
    }
    Steps steps = Steps.of(descent, combined, next, before, after);
    combine(
        aggregation,
        (unit, update) -> {
          watches.forEach(w -> w.pass(unit, update));
          steps.take(unit, update);
        });
    steps.end();
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
        members.add(new MemberUnits(arrival, chunks, chain.get(), cut.columns()));
      }
      Modules modules = new Modules(combined);
      int module = 0;
      for (Unit unit : cut) {
        Modules.Key key = byModule ? modules.key(module++) : null;
        members.forEach(member -> member.at(unit, key));
        on.take(unit, new Parts(members)::once);
      }
    }
  }

  /** The members' parts of a unit, iterable once. */
  private static final class Parts {

    private final List<MemberUnits> members;
    private boolean handedOut;

    Parts(List<MemberUnits> members) {
      this.members = members;
    }

    Iterator<Part> once() {
      if (handedOut) {
        throw new IllegalStateException("the parts of a unit are iterable once");
      }
      handedOut = true;
      return Collections.<Part>unmodifiableList(members).iterator();
    }
  }
}
