package fedllm.api.run;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** The plugins folder of a node. Safe for many threads. */
@ProviderType
public interface Bundles {

  /** What lies in it, as it was a moment ago, by file name. */
  List<BundleView> bundles();
}
