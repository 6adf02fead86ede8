package fedllm.api.plugin;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A worker that remembers something between rounds. The runtime writes its state with the round
 * that made it, gives it back after a restart, a lost round or a swap of the plugin, and expects
 * the same results as if nothing had happened.
 */
@ConsumerType
public interface Stateful {

  /** Writes everything that later results depend on. */
  void snapshot(DataOutput out) throws IOException;

  /** Replaces the state by one that this version, or one before it, wrote. */
  void restore(DataInput in) throws IOException;
}
