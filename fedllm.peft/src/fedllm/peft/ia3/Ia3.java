package fedllm.peft.ia3;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.AdapterConfig;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Targets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Multiplies what some linear layers give by trained factors, {@code y * l}, and what others read,
 * {@code W (x * l)}. All factors start at one, so that the model starts as it was.
 */
@Component
@Plugin(
    name = "ia3",
    does = "trains factors for keys, values and what feed-forward layers read",
    paper = "arXiv:2205.05638",
    options = Ia3.Config.class)
public final class Ia3 implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /**
     * Names of linear layers whose outputs are multiplied, or their last parts; {@code *} fits
     * anything. Empty, with {@code feedForward} empty too, for keys and values.
     */
    String[] targets() default {};

    /** Names of linear layers whose inputs are multiplied. */
    String[] feedForward() default {};
  }

  /** Keys, values and the last layer of the feed-forward, by what families call them. */
  private static final List<List<String>> USUAL =
      List.of(
          List.of("k_proj", "v_proj", "down_proj"),
          List.of("k_proj", "v_proj", "fc2"),
          List.of("key", "value", "output.dense"),
          List.of("k_lin", "v_lin", "lin2"),
          List.of("c_attn", "mlp.c_proj"),
          List.of("qkv_proj", "down_proj"),
          List.of("query_key_value", "mlp.dense_4h_to_h"));

  private static final Set<String> READ =
      Set.of("target_modules", "feedforward_modules", "init_ia3_weights");

  @Override
  public Adapter open(Options options, Architecture model) {
    Config config = options.as(Config.class);
    List<Site> linears = Targets.linears(model);
    if (config.targets().length + config.feedForward().length == 0) {
      List<Site> sites = Targets.choose("peft.targets", new String[0], USUAL, linears);
      List<String> last = USUAL.stream().map(names -> names.get(names.size() - 1)).toList();
      return adapter(
          sites,
          sites.stream().filter(at -> last.stream().anyMatch(n -> Targets.fits(n, at))).toList(),
          model);
    }
    List<Site> inputs =
        config.feedForward().length == 0
            ? List.of()
            : Targets.choose("peft.feedForward", config.feedForward(), linears);
    List<Site> outputs =
        config.targets().length == 0
            ? List.of()
            : Targets.choose("peft.targets", config.targets(), linears);
    List<Site> sites =
        linears.stream().filter(at -> inputs.contains(at) || outputs.contains(at)).toList();
    return adapter(sites, inputs, model);
  }

  @Override
  public Optional<Adapter> read(AdapterConfig config, Architecture model) {
    if (!config.type().equals("IA3")) {
      return Optional.empty();
    }
    config.only(READ);
    List<Site> sites = config.sites("target_modules", Targets.linears(model));
    boolean fed = config.has("feedforward_modules");
    return Optional.of(
        adapter(sites, fed ? config.sites("feedforward_modules", sites) : List.of(), model));
  }

  private static Adapter adapter(List<Site> sites, List<Site> inputs, Architecture model) {
    Set<String> biases = new HashSet<>();
    model.weights().forEach(weight -> biases.add(weight.name()));
    List<Graft> grafts = new ArrayList<>();
    for (Site at : sites) {
      boolean biased = biases.contains(at.name() + ".bias");
      grafts.add(inputs.contains(at) ? input(at) : output(at, biased));
    }
    List<Site> linears = Targets.linears(model);
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("target_modules", AdapterConfig.targets(sites, linears));
    keys.put("feedforward_modules", AdapterConfig.targets(inputs, linears));
    keys.put("fan_in_fan_out", AdapterConfig.transposed(sites, model));
    keys.put("modules_to_save", null);
    keys.put("init_ia3_weights", true);
    return new Adapter(grafts, Map.of(AdapterConfig.NAME, AdapterConfig.text("IA3", model, keys)));
  }

  private static Graft output(Site at, boolean biased) {
    Map<String, String> merged = new HashMap<>(Map.of("weight", "W * l"));
    if (biased) {
      merged.put("bias", "b * torch.flatten(l)");
    }
    return new Graft(at, List.of(factors((long) at.out(), 1L)), "y * torch.flatten(l)", merged);
  }

  private static Graft input(Site at) {
    return new Graft(
        at,
        List.of(factors(1L, (long) at.in())),
        "base(x * torch.flatten(l))",
        Map.of("weight", "W * l"));
  }

  private static Parameter factors(Long... shape) {
    return new Parameter("l", "ia3_l", List.of(shape), Parameter.Fill.ONE);
  }
}
