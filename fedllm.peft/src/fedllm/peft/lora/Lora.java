package fedllm.peft.lora;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.random.Philox;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Adds a product of two thin matrices to linear layers: {@code y + alpha / rank * B A x}. A starts
 * uniform in ±1/√in, B at zero, so that the model starts as it was.
 */
@Component
@Plugin(
    name = "lora",
    does = "trains a product of two thin matrices beside linear layers",
    paper = "arXiv:2106.09685",
    options = Lora.Config.class)
public final class Lora implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** How thin: the matrices' inner size. */
    @Range(min = 1)
    int rank() default 8;

    /** The product counts alpha / rank times. */
    @Range(above = 0)
    double alpha() default 16;

    /**
     * Names of linear layers, or their last parts, such as {@code q_proj}; {@code *} fits anything.
     */
    String[] targets() default {"q_proj", "v_proj"};
  }

  @Override
  public Adapter open(Options options, Architecture model) {
    Config config = options.as(Config.class);
    List<Site> linears =
        model.sites().stream().filter(site -> site.kind() == Site.Kind.LINEAR).toList();
    List<Site> sites = Targets.choose("peft.targets", config.targets(), linears);
    List<Graft> grafts = new ArrayList<>();
    for (Site at : sites) {
      grafts.add(graft(config, at));
    }
    return new Adapter(
        grafts, Map.of("adapter_config.json", AdapterConfig.of(config, sites, linears)));
  }

  private static Graft graft(Config config, Site at) {
    double scale = config.alpha() / config.rank();
    long rank = config.rank();
    Parameter a =
        new Parameter(
            "A",
            "lora_A.weight",
            List.of(rank, (long) at.in()),
            (random, values) -> uniform(random, 1 / Math.sqrt(at.in()), values));
    Parameter b =
        new Parameter("B", "lora_B.weight", List.of((long) at.out(), rank), Parameter.Fill.ZERO);
    return new Graft(
        at,
        List.of(a, b),
        "y + " + scale + " * linear(linear(x, A), B)",
        Map.of("weight", "W + " + scale + " * torch.matmul(B, A)"));
  }

  /** Kaiming's uniform numbers for a = √5, which PEFT draws. */
  private static void uniform(Philox random, double bound, float[] values) {
    random.uniforms(0, values, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2.0 * values[i] - 1) * bound);
    }
  }
}
