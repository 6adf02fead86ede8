package fedllm.runtime.server;

import fedllm.api.error.SitsOut;
import fedllm.api.planner.Task;
import fedllm.api.strategy.Member;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Word;
import java.util.Map;

/** Sorts what silos send about a run, and turns what fails its checks into an absence. */
final class Incoming {

  /** What can come of it. */
  interface Heard {

    /** The first global state lies in its file. */
    void initialised(Opening.Made made, Word.Manifest manifest);

    /** An update is whole and right. */
    void arrived(Member member);

    /** A client measured the state. */
    void reported(String client, Map<String, Double> metrics);

    /** A client sits the round out, by its own word. */
    void absent(String client, String reason);

    /** A client sits the round out because of what it sent. */
    void refused(String client, String reason, Record record);
  }

  private final Opening opening;
  private final Door door;
  private final Heard heard;

  Incoming(Opening opening, Door door, Heard heard) {
    this.opening = opening;
    this.door = door;
    this.heard = heard;
  }

  void word(Asking asking, String client, Word word, Record record) {
    try {
      if (word instanceof Word.Begin begin) {
        if (opens(asking, client)) {
          opening.begin(client, begin, record);
        } else {
          door.begin(asking, client, begin, record);
        }
      } else if (word instanceof Word.Manifest manifest) {
        if (opens(asking, client)) {
          heard.initialised(opening.end(client, manifest), manifest);
        } else {
          heard.arrived(door.manifest(asking, client, manifest));
        }
      } else if (word instanceof Word.Report report) {
        if (!asking.asks(client, Task.EVALUATE)) {
          throw new SitsOut(client + " sends a report that nobody asked for");
        }
        heard.reported(client, report.metrics());
      } else if (word instanceof Word.Out out) {
        heard.absent(client, out.reason());
      }
    } catch (SitsOut e) {
      heard.refused(client, e.getMessage(), record);
    }
  }

  void chunk(Asking asking, String client, Record record) {
    try {
      if (opens(asking, client)) {
        opening.chunk(client, record);
      } else {
        door.chunk(asking, client, record);
      }
    } catch (SitsOut e) {
      heard.refused(client, e.getMessage(), record);
    }
  }

  private static boolean opens(Asking asking, String client) {
    return asking.asks(client, Task.INITIALISE);
  }
}
