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
}
