package fedllm.runtime.server;

import fedllm.api.error.SitsOut;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.planner.Task;
import fedllm.api.strategy.Member;
import fedllm.api.tensor.Schema;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Word;
import java.nio.file.Path;
import java.util.List;

/** Where updates are checked against their order. What is wrong throws {@link SitsOut}. */
final class Door implements AutoCloseable {

  /** More than anybody has; so many silos' together still fit a long. */
  private static final long MAX_EXAMPLES = 1L << 40;

  private final Rounds rounds;
  private final Ledger ledger;
  private final long scratchBytes;
  private final Scratch scratch;

  /** What the scratch holds is of this order. */
  private Attempt attempt;

  /**
   * Of one run.
   *
   * @param scratchBytes for a round's coded updates between its passes
   */
  Door(Rounds rounds, Ledger ledger, Path folder, long scratchBytes) {
    this.rounds = rounds;
    this.ledger = ledger;
    this.scratchBytes = scratchBytes;
    this.scratch = new Scratch(folder.resolve("updates.tmp"), scratchBytes);
  }

  void begin(Asking asking, String client, Word.Begin begin, Record record) {
    if (!asking.asks(client, Task.TRAIN)) {
      throw new SitsOut(client + " sends an update that nobody asked for");
    }
    if (!begin.base().equals(ledger.base())) {
      throw new SitsOut(client + " learned on another base model than the run's");
    }
    if (!asking.attempt().equals(attempt)) { // who is late keeps nothing there
      attempt = asking.attempt();
      scratch.clear();
    }
    Schema schema = rounds.expected(asking.asked().get(client).settings());
    Passage passage = new Passage(Point.SERVER_IN, client, asking.attempt().round(), schema);
    List<Watch> watches = rounds.crew().watches(Point.SERVER_IN);
    watches.forEach(w -> w.begin(passage));
    asking.begin(
        client,
        new Arrival(
            asking.attempt(client),
            member(client, begin.examples()).late(asking.staleness(client)),
            record.topic(),
            record.offset(),
            schema,
            rounds.crew().up(),
            watches,
            scratch,
            shareOf(asking, schema)));
  }

  /**
   * A member's share of the scratch; nothing where plain values would not fit it anyway, or where
   * the round that counts the update may be another.
   */
  private long shareOf(Asking asking, Schema schema) {
    if (asking.isBetweenRounds()) {
      return 0;
    }
    long share = scratchBytes / asking.asked().size();
    boolean plain = rounds.crew().up().names().isEmpty();
    return plain && 4 * schema.size() > share ? 0 : share;
  }

  private static Member member(String client, long examples) {
    if (examples > MAX_EXAMPLES) {
      throw new SitsOut(client + " reports " + examples + " examples, above " + MAX_EXAMPLES);
    }
    try {
      return new Member(client, examples);
    } catch (IllegalArgumentException e) {
      throw new SitsOut(e.getMessage(), e);
    }
  }

  void chunk(Asking asking, String client, Record record) {
    begun(asking, client).chunk(record);
  }

  Member manifest(Asking asking, String client, Word.Manifest manifest) {
    Arrival arrival = begun(asking, client);
    arrival.end(manifest);
    return arrival.member();
  }

  private static Arrival begun(Asking asking, String client) {
    Arrival arrival = asking.arrival(client);
    if (arrival == null) {
      throw new SitsOut(client + " sends a part of an update that has not begun");
    }
    return arrival;
  }

  @Override
  public void close() {
    scratch.close();
  }
}
