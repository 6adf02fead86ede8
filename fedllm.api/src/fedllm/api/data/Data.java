package fedllm.api.data;

import java.util.stream.Stream;
import org.osgi.annotation.versioning.ProviderType;

/** A client's examples; each call reads anew, in the same order. Close the streams. */
@ProviderType
public interface Data {

  /** What may be learned from. */
  Stream<Example> train();

  /** What is kept to measure with, disjoint from {@link #train}. */
  Stream<Example> heldOut();
}
