package fedllm.peft.lora;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.random.Philox;
import fedllm.learning.model.Linear;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  public Adapter open(Options options, List<Linear> linears) {
    Config config = options.as(Config.class);
    Set<Linear> chosen = new LinkedHashSet<>();
    for (String target : config.targets()) {
      List<Linear> fitting = linears.stream().filter(at -> Pattern.fits(target, at)).toList();
      if (fitting.isEmpty()) {
        throw new SitsOut(
            "peft.targets: "
                + target
                + " fits no linear layer; there are "
                + linears.stream().map(Linear::kind).distinct().toList());
      }
      chosen.addAll(fitting);
    }
    if (chosen.isEmpty()) {
      throw new SitsOut("peft.targets names nothing; name q_proj, v_proj, * or others");
    }
    List<Linear> sites = linears.stream().filter(chosen::contains).toList();
    List<Graft> grafts = new ArrayList<>();
    for (Linear at : sites) {
      grafts.add(graft(config, at));
    }
    return new Adapter(
        grafts, Map.of("adapter_config.json", AdapterConfig.of(config, sites, linears)));
  }

  private static Graft graft(Config config, Linear at) {
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
    return new Graft(at, List.of(a, b), "y + " + scale + " * torch.linear(torch.linear(x, A), B)");
  }

  /** Kaiming's uniform numbers for a = √5, which PEFT draws. */
  private static void uniform(Philox random, double bound, float[] values) {
    random.uniforms(0, values, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2.0 * values[i] - 1) * bound);
    }
  }
}
