package fedllm.runtime.server;

import fedllm.api.error.SitsOut;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.planner.Task;
import fedllm.api.strategy.Member;
import fedllm.api.tensor.Schema;
import fedllm.api.trainer.Work;
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
  private final Quarantine quarantine;
  private final Scratch scratch;

  /** What the scratch holds is of this order. */
  private Attempt attempt;

  /**
   * Of one run.
   *
   * @param scratchBytes for a round's coded updates between its passes
   */
  Door(Rounds rounds, Ledger ledger, Quarantine quarantine, Path folder, long scratchBytes) {
    this.quarantine = quarantine;
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
    if (begin.clients() > 0) {
      checkQuota(asking, client, begin.clients());
      asking.begin(client, claims(asking, client, begin.clients(), record));
    } else {
      Schema schema = rounds.expected(asking.asked().get(client).settings());
      long share = shareOf(asking, schema);
      Member member = member(client, begin.examples()).late(asking.staleness(client));
      asking.begin(
          client,
          open(asking.attempt(client), asking.attempt().round(), member, schema, share, record));
    }
  }

  /** The check of one update, which begins. */
  private Arrival open(
      Attempt answers, int round, Member member, Schema schema, long share, Record begin) {
    Passage passage = new Passage(Point.SERVER_IN, member.client(), round, schema);
    List<Watch> watches = rounds.crew().watches(Point.SERVER_IN);
    watches.forEach(w -> w.begin(passage));
    return new Arrival(
        answers,
        member,
        begin.topic(),
        begin.offset(),
        schema,
        rounds.crew().up(),
        watches,
        scratch,
        share);
  }

  private void checkQuota(Asking asking, String gateway, int clients) {
    long quota =
        asking.asked().get(gateway).settings().get(Work.CLIENTS) instanceof Number most
            ? most.longValue()
            : 0;
    if (clients > quota) {
      throw new SitsOut(gateway + " speaks for " + clients + " clients, and its quota is " + quota);
    }
    if (rounds.crew().course().maxStaleness() > 0) {
      throw new SitsOut(
          gateway + " is a gateway, whose updates cannot count late; take another protocol");
    }
  }

  /** A gateway's clients share the scratch: there is no other place to read them from. */
  private Claims claims(Asking asking, String gateway, int clients, Record begin) {
    Attempt answers = asking.attempt(gateway);
    Schema schema = rounds.expected(asking.asked().get(gateway).settings());
    return new Claims(
        gateway,
        clients,
        begin.offset(),
        new Claims.Reception() {
          @Override
          public Arrival open(String client, long examples) {
            return Door.this.open(
                answers, answers.round(), member(client, examples), schema, scratchBytes, begin);
          }

          @Override
          public void refused(String client, String reason, Record record) {
            quarantine.add(answers.run(), answers.round(), client, reason, record);
          }
        });
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
    Upload upload = begun(asking, client);
    upload.end(manifest);
    return upload.member();
  }

  private static Upload begun(Asking asking, String client) {
    Upload upload = asking.arrival(client);
    if (upload == null) {
      throw new SitsOut(client + " sends a part of an update that has not begun");
    }
    return upload;
  }

  @Override
  public void close() {
    scratch.close();
  }
}
