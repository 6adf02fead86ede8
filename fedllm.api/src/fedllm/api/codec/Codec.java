package fedllm.api.codec;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Shortens values, unit by unit, as one link of a chain: it writes what it must to a side buffer
 * and leaves to the next link the values that still have to travel (top-k leaves the kept ones,
 * int8 none). A block of values decodes alone, so that a receiver holds one at a time.
 */
@ConsumerType
public interface Codec {

  /** Opens the sender's worker for one client of one run, used by one thread. */
  Encoder encoder(Options options, Scope scope);

  /** Opens the receiver's worker, used by one thread; it knows nothing but the options. */
  Decoder decoder(Options options);
}
