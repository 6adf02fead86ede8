package fedllm.learning.base;

import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The base models of this JVM: each is in memory once, however many clients train and measure with
 * it, and goes when the last of them closes it. Safe for many threads.
 */
@Component(service = Bases.class)
public final class Bases {

  // Dynamic, so that a family that comes or goes disturbs nobody's work.
  @Reference(
      service = ModelFamily.class,
      policy = ReferencePolicy.DYNAMIC,
      cardinality = ReferenceCardinality.MULTIPLE)
  private final Collection<ModelFamily> families = new CopyOnWriteArrayList<>();

  private final Map<String, Base> open = new HashMap<>();

  /** Knows the families that come as services. */
  @Activate
  public Bases() {}

  /** Knows these families. */
  public Bases(List<ModelFamily> families) {
    this.families.addAll(families);
  }

  /**
   * Opens a model, which the caller closes.
   *
   * @throws SitsOut when a file is missing, broken or asks for what no family here can do; the
   *     message names file and key
   */
  public synchronized Base open(Path path) {
    ModelFolder folder = ModelFolder.open(path);
    String fingerprint = folder.fingerprint();
    Base base = open.get(fingerprint);
    if (base == null) {
      ModelConfig config = ModelConfig.read(folder.config());
      base = Base.load(folder, fingerprint, family(config).open(config), this::release);
      open.put(fingerprint, base);
    }
    base.users++;
    return base;
  }

  private synchronized void release(Base base) {
    if (--base.users == 0) {
      open.remove(base.fingerprint());
      base.free();
    }
  }

  private ModelFamily family(ModelConfig config) {
    for (ModelFamily family : families) {
      if (family.claims(config)) {
        return family;
      }
    }
    throw new SitsOut(
        config.file()
            + ": no model family here builds model_type "
            + config.text("model_type", "(none)")
            + ", architectures "
            + config.texts("architectures")
            + "; installed are "
            + families.stream().map(family -> family.getClass().getSimpleName()).toList());
  }
}
