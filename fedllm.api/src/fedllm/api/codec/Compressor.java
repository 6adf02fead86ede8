package fedllm.api.codec;

import fedllm.api.plugin.Options;
import org.osgi.annotation.versioning.ConsumerType;

/** A codec on bytes, lossless: the last links of a chain. */
@ConsumerType
public interface Compressor {

  /** Opens a worker, used by one thread. */
  Compression open(Options options);
}
