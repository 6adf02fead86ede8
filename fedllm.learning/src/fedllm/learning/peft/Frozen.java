package fedllm.learning.peft;

import org.osgi.annotation.versioning.ProviderType;

/** The frozen weights of a base, as first values are made of them. Safe for many threads. */
@ProviderType
public interface Frozen {

  /**
   * Rows of a weight, one after the other; a matrix is [out, in], of a vector each value is a row.
   *
   * @return null where the base's files lack it
   */
  float[] rows(String weight, long from, int count);
}
