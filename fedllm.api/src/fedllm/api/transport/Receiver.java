package fedllm.api.transport;

import java.util.Collection;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Reads records of the topics it follows. One thread; only {@link #wakeup} is for others. */
@ProviderType
public interface Receiver extends AutoCloseable {

  /** Follows a topic, which must exist, from an offset on; 0 is the oldest that is still there. */
  void follow(String topic, long offset);

  /** No longer follows a topic. */
  void unfollow(String topic);

  /** Stops handing out records of these topics, until {@link #resume}; nothing is lost. */
  void pause(Collection<String> topics);

  /** Goes on where {@link #pause} stopped. */
  void resume(Collection<String> topics);

  /** The offset after the last record of a topic, now. */
  long end(String topic);

  /**
   * Waits for records, each topic's in order; an empty list after {@code timeoutMs} or a wake-up. A
   * call hands out a bounded number of bytes.
   */
  List<Record> poll(long timeoutMs);

  /** Ends a {@link #poll} early, from any thread. */
  void wakeup();

  @Override
  void close();
}
