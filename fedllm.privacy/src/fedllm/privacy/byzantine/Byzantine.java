package fedllm.privacy.byzantine;

import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Unit;
import java.util.Arrays;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * An attack, to try defences with: the clients that a job names send something else than they
 * learned. With u what a client learned and s the scale it sends {@code -s u} (flip: away from
 * where learning leads), {@code s N(0, 1)} (random) or nothing but zeros (zero).
 */
@Component
@Plugin(
    name = "byzantine",
    does = "lies for the clients that are named: an attack, to try defences with",
    paper = "arXiv:2306.04959",
    options = Byzantine.Config.class)
public final class Byzantine implements Guard {

  /** Options. */
  public @interface Config {
    /** Who lies. */
    @Required
    String[] clients() default {};

    /** What a liar sends. */
    @OneOf({"flip", "random", "zero"})
    String lie() default "flip";

    /** How large the lie is, in units of what was learned, or of the values where random. */
    @Range(above = 0)
    double scale() default 1;
  }

  @Override
  public Watch open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Lying(
        Set.copyOf(Arrays.asList(config.clients())),
        config.lie(),
        (float) config.scale(),
        scope.seed());
  }

  private static final class Lying implements Watch {
    private final Set<String> liars;
    private final String lie;
    private final float scale;
    private final long seed;
    private Passage passage;

    Lying(Set<String> liars, String lie, float scale, long seed) {
      this.liars = liars;
      this.lie = lie;
      this.scale = scale;
      this.seed = seed;
    }

    @Override
    public void begin(Passage next) {
      passage = next;
    }

    @Override
    public void pass(Unit unit, float[] values) {
      if (!liars.contains(passage.client())) {
        return;
      }
      if (lie.equals("flip")) {
        for (int i = 0; i < unit.length(); i++) {
          values[i] *= -scale;
        }
        return;
      }
      Arrays.fill(values, 0, unit.length(), 0);
      if (lie.equals("random")) {
        Philox.of(seed, passage.round(), passage.client(), 0, "byzantine/" + unit.tensor().name())
            .addNormals(unit.offset(), scale, values, unit.length());
      }
    }
  }
}
