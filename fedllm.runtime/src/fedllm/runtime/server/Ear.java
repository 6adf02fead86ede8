package fedllm.runtime.server;

import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears what silos write, and passes it to the run that it is about. The server's thread. */
final class Ear {

  private static final Logger LOG = LoggerFactory.getLogger(Ear.class);

  private final Topics topics;
  private final Silos silos;
  private final Map<String, ServerRun> runs;
  private final Runnable show;
  private final Quarantine quarantine;
  private final Publications publications;
  private final SiloKeys keys;

  Ear(
      Topics topics,
      Silos silos,
      Map<String, ServerRun> runs,
      Runnable show,
      Quarantine quarantine,
      Publications publications,
      SiloKeys keys) {
    this.topics = topics;
    this.silos = silos;
    this.runs = runs;
    this.show = show;
    this.quarantine = quarantine;
    this.publications = publications;
    this.keys = keys;
  }

  void hear(Record record) {
    String silo = topics.siloOf(record.topic());
    try {
      if (Post.CHUNK.equals(record.headers().get(Post.KIND))) {
        ServerRun run = runs.get(record.header("run"));
        heard(silo);
        if (run != null) {
          run.chunk(silo, record);
        }
      } else {
        hear(silo, Json.read(Word.class, record.body()), record);
      }
    } catch (IOException | IllegalArgumentException e) {
      notUnderstood(silo, record, e);
    }
  }

  /**
   * One that was lost is back with whatever it sends. Of one that has not joined yet this may be an
   * answer to an order of an earlier server; the run knows whom it asked.
   */
  private void heard(String silo) {
    if (silos.knows(silo) && silos.heard(silo)) {
      back(silo);
    }
  }

  private void back(String silo) {
    LOG.info("silo {} is heard of again", silo);
    runs.values().forEach(run -> run.found(silo));
    runs.values().forEach(ServerRun::tick);
  }

  /** A word that a later version knows is passed over; who sends anything else sits out. */
  private void notUnderstood(String silo, Record record, Exception e) {
    LOG.warn(
        "{}@{} is not understood and does not count: {}",
        record.topic(),
        record.offset(),
        e.getClass().getSimpleName());
    if (!(e instanceof InvalidTypeIdException)) {
      quarantine.add("", -1, silo, "the record is none that fedllm writes", record);
      String why =
          silo + ": its record " + record.offset() + " is none that fedllm writes; see its log";
      runs.values().forEach(run -> run.sitsOut(silo, why));
    }
  }

  private void hear(String silo, Word word, Record record) {
    if (word instanceof Word.Joined joined) {
      if (!keys.admits(silo, joined)) {
        LOG.warn("silo {} is not let in: {}", silo, keys.refused().get(silo));
        show.run();
        return;
      }
      if (silos.join(silo, joined)) {
        LOG.info("silo {} joined: {}", silo, joined.host());
        runs.values().forEach(run -> run.found(silo));
      }
      runs.values().forEach(ServerRun::tick);
    } else if (word instanceof Word.Beat beat) {
      if (silos.beat(silo, beat)) {
        back(silo);
      }
    } else if (word instanceof Word.Bundles bundles) {
      publications.report(silo, bundles.states());
    } else if (word instanceof Word.Left) {
      silos.leave(silo);
      LOG.info("silo {} left", silo);
      runs.values().forEach(run -> run.sitsOut(silo, silos.whyAway(silo)));
    } else {
      heard(silo);
      Attempt about = about(word);
      ServerRun run = runs.get(about.run());
      if (word instanceof Word.Begin begin && run != null) {
        runs.forEach(this::forgetEnded);
        keys.begins(silo, begin);
      } else if (word instanceof Word.Manifest manifest
          && keys.hasBegun(silo, about.run())
          && !keys.signed(silo, manifest)) {
        forged(silo, about, record);
        return;
      }
      if (run != null) {
        run.word(silo, word, about, record);
        show.run();
      } else if (word instanceof Word.Manifest) {
        quarantine.add(about.run(), about.round(), silo, "there is no such run here", record);
      }
    }
  }

  private void forgetEnded(String id, ServerRun run) {
    if (run.ledger().state().ended()) {
      keys.forget(id);
    }
  }

  /** Whoever wrote it has the silo's access to the broker, and not its key. */
  private void forged(String silo, Attempt about, Record record) {
    String why = silo + ": its update is not signed by the silo's key";
    LOG.warn("{}@{}: {}", record.topic(), record.offset(), why);
    quarantine.add(about.run(), about.round(), silo, why, record);
    if (runs.containsKey(about.run())) {
      runs.get(about.run()).sitsOut(silo, why);
      show.run();
    }
  }

  private static Attempt about(Word word) {
    if (word instanceof Word.Begin begin) {
      return begin.attempt();
    }
    if (word instanceof Word.Manifest manifest) {
      return manifest.attempt();
    }
    if (word instanceof Word.Report report) {
      return report.attempt();
    }
    return ((Word.Out) word).attempt();
  }

  /** A silo went, or fell silent. */
  void lost(String silo) {
    LOG.warn("silo {} is not here any more: {}", silo, silos.whyAway(silo));
    runs.values().forEach(run -> run.lost(silo));
  }
}
