package fedllm.api.protocol;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * One run's state machine. It must be a function of the events: after a crash the recorded ones are
 * given again to a new one. It does nothing itself but tell the conductor.
 */
@ConsumerType
public interface Course {

  /** Takes an event and says what follows. */
  void on(Event event, Conductor conductor);

  /**
   * Whether a client that took part and is lost is waited for: it is planned with the others then,
   * and a round does not open before the server has heard of it once.
   */
  default boolean awaitsLost() {
    return false;
  }

  /**
   * How many rounds late an update may count. 0: what has not come when a round closes does not
   * count, and its client is asked anew. Above 0: the client goes on with what it was asked, and is
   * asked for nothing else; its update counts in the round that is open when it comes, with its
   * {@linkplain fedllm.api.strategy.Member#staleness staleness}. Who would be later than that is
   * given up, and asked anew.
   */
  default int maxStaleness() {
    return 0;
  }
}
