package fedllm.api.trainer;

import fedllm.api.plugin.Options;
import org.osgi.annotation.versioning.ConsumerType;

/** Learns at a silo: order, broadcast and data become a payload. */
@ConsumerType
public interface Trainer {

  /**
   * Opens one client's worker for one run, used by one thread.
   *
   * @throws fedllm.api.error.SitsOut when base or data cannot be used; the message names the file
   */
  Training open(Options options, Site site);
}
