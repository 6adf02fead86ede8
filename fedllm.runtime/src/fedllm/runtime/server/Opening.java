package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.error.SitsOut;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Word;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How a run gets its first global state: one silo after the other is asked until one makes it. */
final class Opening {

  private final GlobalStates states;
  private final Map<String, String> refusals = new TreeMap<>();
  private InitialState initial;

  /** A state in its file, and the base that it belongs to. */
  record Made(String sha256, String base) {}

  Opening(GlobalStates states) {
    this.states = states;
  }

  /** Whom to ask next; null when nobody is here who has not been asked. */
  String next(List<String> able) {
    for (String client : able) {
      if (!refusals.containsKey(client)) {
        return client;
      }
    }
    if (!refusals.isEmpty()) {
      throw new Ends("no silo could make the initial state: " + refusals);
    }
    return null;
  }

  void begin(String client, Word.Begin begin, Record record) {
    close();
    initial = new InitialState(client, begin, record.offset(), states);
  }

  void chunk(String client, Record record) {
    begunBy(client).chunk(record);
  }

  Made end(String client, Word.Manifest manifest) {
    InitialState whole = begunBy(client);
    Made made = new Made(whole.end(manifest), whole.begin().base());
    initial = null;
    return made;
  }

  private InitialState begunBy(String client) {
    if (initial == null || !initial.client().equals(client)) {
      throw new SitsOut(client + " sends a part of an initial state that has not begun");
    }
    return initial;
  }

  void refused(String client, String reason) {
    refusals.put(client, reason);
    close();
  }

  void close() {
    if (initial != null) {
      initial.close();
      initial = null;
    }
  }
}
