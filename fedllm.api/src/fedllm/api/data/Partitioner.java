package fedllm.api.data;

import fedllm.api.plugin.Options;
import org.osgi.annotation.versioning.ConsumerType;

/** Cuts one file into parts, one for each of several clients, as studies of federations do. */
@ConsumerType
public interface Partitioner {

  /**
   * Opens a cut of one reading of a file, used by one thread.
   *
   * @param parts how many, at least 1
   * @param seed equal options, parts and seed cut equal rows equally, on any machine
   */
  Partition open(Options options, int parts, long seed);
}
