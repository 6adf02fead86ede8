package fedllm.api.transport;

import java.util.Collection;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Named logs of records. One writer a topic at a time keeps the order it sent in; every reader
 * reads the one copy. Safe for many threads.
 */
@ProviderType
public interface Transport extends AutoCloseable {

  /** The most bytes of a record's body: updates are cut into chunks of this size. */
  int CHUNK_BYTES = 1 << 20;

  /**
   * Makes a topic where it is missing, and waits until it can be written to.
   *
   * @throws fedllm.api.error.Unreachable when the broker does not answer
   */
  void create(String topic);

  /**
   * Whether a topic is there now.
   *
   * @throws fedllm.api.error.Forbidden when we may not know
   */
  default boolean exists(String topic) {
    return topics(topic).contains(topic);
  }

  /** The topics whose names start with a prefix, now; those that we may not know are left out. */
  Set<String> topics(String prefix);

  /** Removes topics; those that are missing are left alone. */
  void delete(Collection<String> topics);

  /**
   * Lets the broker free the records of a topic before an offset. Offsets stay, the place of the
   * next record too.
   */
  void forget(String topic, long beforeOffset);

  /** Opens a writer, safe for many threads. */
  Sender sender();

  /** Opens a reader, used by one thread, that follows no topic yet. */
  Receiver receiver();

  /**
   * Opens a reader for many topics side by side, that asks for at most so many chunks of each at a
   * time, above 0; memory is then bounded by topics, not by what they hold.
   */
  default Receiver receiver(int chunksOfEach) {
    return receiver();
  }

  /** Bytes since the transport was opened, as the client counts them on the wire. */
  Traffic traffic();

  @Override
  void close();
}
