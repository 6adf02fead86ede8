package fedllm.learning.base;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.trainer.Site;
import fedllm.format.ModelFolder;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.Frozen;
import fedllm.learning.storage.Storage;
import fedllm.learning.text.Tokenizer;
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

  private final Precision precision;
  private final String device;
  private final Map<Key, Base> open = new HashMap<>();

  /** Knows the families that come as services. */
  @Activate
  public Bases(@Reference Machine machine) {
    precision = machine.compute().precision();
    device = machine.compute().device();
  }

  /** Knows these families, and computes in 32 bits. */
  public Bases(List<ModelFamily> families) {
    this(families, Precision.FP32);
  }

  /** Knows these families. */
  public Bases(List<ModelFamily> families, Precision precision) {
    this(families, precision, "cpu");
  }

  /** Knows these families, and computes as was chosen for this machine. */
  public Bases(List<ModelFamily> families, Compute compute) {
    this(families, compute.precision(), compute.device());
  }

  private Bases(List<ModelFamily> families, Precision precision, String device) {
    this.families.addAll(families);
    this.precision = precision;
    this.device = device;
  }

  /**
   * What makes two uses share one copy.
   *
   * @param seen the files
   */
  record Key(ModelFolder.Seen seen, Head head, Precision precision) {}

  /** Opens a model for what its files were written for, computing as this machine does. */
  public Base open(Path path) {
    return open(path, null, precision);
  }

  /** Opens a job's model for one use, computing as this machine does and held as the job says. */
  public Base open(Site site, Head head) {
    Storage storage =
        site.optional("storage", Storage.class).map(Choice::plugin).orElse(precision.storage());
    return open(site.base(), head, new Precision(precision.route(), storage));
  }

  /** Opens a model for one use, computing as this machine does. */
  public Base open(Path path, Head head) {
    return open(path, head, precision);
  }

  /**
   * Opens a model, which the caller closes.
   *
   * @param head what it is asked for; null for what its files were written for
   * @throws SitsOut when a file is missing, broken or asks for what no family here can do; the
   *     message names file and key
   */
  public synchronized Base open(Path path, Head head, Precision precision) {
    ModelFolder folder = ModelFolder.open(path);
    ModelConfig config = ModelConfig.read(folder.config());
    Head asked = (head == null ? Head.of(config) : head).in(config);
    Key key = new Key(folder.seen(), asked, precision);
    Base base = open.containsKey(key) ? open.get(key) : copy(folder, key);
    if (base == null) {
      Architecture architecture = architecture(config, asked);
      Tokenizer.check(folder, architecture.vocabulary());
      base = Base.load(folder, key, architecture, device, this::release);
      open.put(key, base);
    }
    base.users++;
    return base;
  }

  /** An open base whose files are copies; hashed only where they may be: that takes longer. */
  private Base copy(ModelFolder folder, Key key) {
    for (Base base : open.values()) {
      Key other = base.key();
      if (new Key(other.seen(), key.head(), key.precision()).equals(other)
          && key.seen().asLongAs(other.seen())
          && base.folder().seen().equals(other.seen())
          && base.folder().fingerprint().equals(folder.fingerprint())) {
        return base;
      }
    }
    return null;
  }

  /** What a model's configuration says of it, without its weights, as {@link #open} would. */
  public Architecture architecture(Path path, Head head) {
    ModelConfig config = ModelConfig.read(ModelFolder.open(path).config());
    return architecture(config, (head == null ? Head.of(config) : head).in(config));
  }

  private Architecture architecture(ModelConfig config, Head head) {
    ModelFamily family = family(config);
    try {
      Architecture made = family.open(config, head);
      made.weights(); // Products of sizes that are too large show in their shapes.
      return made;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new SitsOut(config.file() + ": makes no model: " + e.getMessage(), e);
    }
  }

  /** A model's weights, read from its files when they are asked for. */
  public Frozen weights(Path path, Head head) {
    return new Weights(ModelFolder.open(path), architecture(path, head), precision)::rows;
  }

  /** Memory that the weights of all open models take. */
  public synchronized long bytes() {
    return open.values().stream().mapToLong(Base::bytes).sum();
  }

  private synchronized void release(Base base) {
    if (--base.users == 0) {
      open.remove(base.key());
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
