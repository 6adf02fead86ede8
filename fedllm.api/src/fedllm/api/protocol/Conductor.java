package fedllm.api.protocol;

import org.osgi.annotation.versioning.ProviderType;

/** What a course can make happen. Calls take effect after {@link Course#on} returns, in order. */
@ProviderType
public interface Conductor {

  /** Opens a round: plans it, and publishes its orders with the global state. */
  void open(int round);

  /**
   * Closes a round with the members that have arrived, folds them, and records the new state. Who
   * has not come goes on where {@link Course#maxStaleness} lets it.
   */
  void close(int round);

  /** Gives a round up that cannot close, and opens it again; after three times the run ends. */
  void repeat(int round, String reason);

  /** Gives {@link Event.Reminded} after {@code afterMs}, unless the round has closed by then. */
  void remind(int round, long afterMs);

  /** Ends the run well. */
  void finish();
}
