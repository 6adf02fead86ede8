package fedllm.api.guard;

import fedllm.api.tensor.Unit;
import org.osgi.annotation.versioning.ConsumerType;

/** A guard at its post. For each message: {@code begin}, all units observed, all units passed. */
@ConsumerType
public interface Watch {

  /** A message comes; what was observed of the last one is forgotten. */
  default void begin(Passage passage) {}

  /** Sees one unit, {@code values[0..unit.length())}; not to be changed. */
  default void observe(Unit unit, float[] values) {}

  /** Lets one unit pass, changed in place. */
  void pass(Unit unit, float[] values);
}
