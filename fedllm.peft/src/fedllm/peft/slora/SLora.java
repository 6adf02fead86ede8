package fedllm.peft.slora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Wraps;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Sparse;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.AdapterConfig;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Role;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Two stages. First a few weights of each layer are trained, at places that a seed draws: {@code (W
 * + M * D) x}; the values of D alone travel. Then the optimizer {@code slora} writes what they have
 * become as LoRA's factors, with which clients go on beside the frozen weights. The state's own
 * tensors say which stage it is, and their names the places, the rank and the scale.
 */
@Component
@Plugin(
    name = "slora",
    does = "trains a few weights drawn from a seed first, then LoRA that starts from their SVD",
    paper = "arXiv:2308.06522",
    options = SLora.Config.class,
    with = "optimizer/slora")
public final class SLora implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** The LoRA of the second stage. */
    @Required
    @Wraps(PeftMethod.class)
    String of() default "lora";

    /** Share of each layer's weights that the first stage trains. */
    @Range(above = 0, max = 1)
    double density() default 0.01;

    /** What their places are drawn from. */
    long maskSeed() default 0;
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Both stages at once, for those who measure: what a state lacks is zero. */
  @Override
  public Adapter open(Options options, Architecture model) {
    return stages(options, model).both();
  }

  @Override
  public Role role(Options options, Architecture model, Schema state) {
    Stages stages = stages(options, model);
    boolean first = state.tensors().stream().anyMatch(tensor -> Sparse.of(tensor).isPresent());
    return first ? stages.first() : stages.second();
  }

  private static Stages stages(Options options, Architecture model) {
    Config config = options.as(Config.class);
    Choice<PeftMethod> of = options.choice("of", PeftMethod.class);
    Adapter lora = of.plugin().open(of.options(), model);
    if (!lora.then().isEmpty() || !lora.common().isEmpty()) {
      throw new SitsOut("peft.of is no single adapter with factors at layers; name lora");
    }
    return new Stages(
        lora,
        lora.grafts().stream().map(graft -> matrix(graft, lora, config)).toList(),
        config.density());
  }

  /** The matrix of the first stage at a layer; empty where something else is trained. */
  private static Optional<Sparse> matrix(Graft graft, Adapter lora, Config config) {
    if (graft.parameters().stream().noneMatch(parameter -> parameter.rankAxis() >= 0)) {
      return Optional.empty();
    }
    Site at = graft.at();
    if (at.kind() != Site.Kind.LINEAR) {
      throw new SitsOut(
          at.name() + " is no linear layer, and slora trains weights of such alone; leave it out");
    }
    List<Long> a = graft.parameters().get(0).shape();
    String name = "lora(rank=%d,scale=%s)".formatted(a.get(0), scale(lora));
    return Optional.of(new Sparse(name, at.out(), at.in(), config.maskSeed()));
  }

  private static double scale(Adapter lora) {
    try {
      JsonNode config = JSON.readTree(lora.files().get(AdapterConfig.NAME));
      double rank = config.get("r").asDouble();
      boolean root = config.path("use_rslora").asBoolean();
      if (config.has("rank_pattern") || config.has("alpha_pattern")) {
        throw new SitsOut("peft.of has ranks or alphas of layers' own; slora takes one of each");
      }
      return config.get("lora_alpha").asDouble() / (root ? Math.sqrt(rank) : rank);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a method wrote what is not JSON", e);
    }
  }
}
