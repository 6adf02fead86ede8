package fedllm.api.trainer;

import org.osgi.annotation.versioning.ProviderType;

/** How far long work is. */
@ProviderType
@FunctionalInterface
public interface Progress {

  /**
   * Called now and then, cheap.
   *
   * @param what {@code step}, {@code batch}, ...
   * @param of 0 where nobody knows
   * @throws fedllm.api.error.Cancelled when the work is no longer wanted
   */
  void at(String what, long done, long of);
}
