package fedllm.api.evaluator;

import fedllm.api.plugin.Options;
import fedllm.api.trainer.Site;
import org.osgi.annotation.versioning.ConsumerType;

/** Measures a global state on what a silo keeps to measure with. */
@ConsumerType
public interface Evaluator {

  /** Opens one client's worker for one run, used by one thread. */
  Evaluation open(Options options, Site site);
}
