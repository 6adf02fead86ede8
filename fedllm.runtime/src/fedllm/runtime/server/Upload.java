package fedllm.runtime.server;

import fedllm.api.strategy.Member;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Word;
import java.util.List;

/** What a silo answers an order with: an update of its own, or those of a gateway's clients. */
interface Upload {

  /** Whose it is; of a gateway's the gateway, with the examples of all its clients. */
  Member member();

  /** The offset of its BEGIN record. */
  long begin();

  /** Takes a chunk, if it is this upload's; what is wrong with all of it throws {@code SitsOut}. */
  void chunk(Record record);

  /** The upload is whole, or throws {@code SitsOut}. */
  void end(Word.Manifest manifest);

  /** Whether it has ended. */
  boolean whole();

  /** A round closed without it: it counts in a later one. */
  void comesLate(int rounds);

  /** How it ended. */
  Word.Manifest manifest();

  /** The updates in it, in client order. */
  List<Arrival> updates();
}
