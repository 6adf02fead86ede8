package fedllm.runtime.server;

import fedllm.api.transport.Record;
import fedllm.runtime.message.Post;

/**
 * Picks the pieces of one upload out of a silo's topic, each once. A silo that was started again
 * may begin anew, or go on and repeat what was still on its way when it died; a second pass over
 * the log must pick what the first did. One thread.
 */
final class Pieces {

  private final String begin;
  private int next;

  /** Of the upload whose BEGIN lies at an offset. */
  Pieces(long begin) {
    this.begin = Long.toString(begin);
  }

  /**
   * Whether a chunk of the order belongs to the upload and was not there before. Whether it is the
   * one that is due is for the caller to check. A chunk that does not say where its upload began
   * belongs to the one that is open.
   */
  boolean takes(Record record) {
    String said = record.headers().get(Post.BEGIN);
    if (said != null && (!said.equals(begin) || isRepeated(record.headers().get("chunk")))) {
      return false;
    }
    next++;
    return true;
  }

  private boolean isRepeated(String chunk) {
    try {
      return chunk != null && Integer.parseInt(chunk) < next;
    } catch (NumberFormatException e) {
      return false; // no number that is due either, and refused for that
    }
  }
}
