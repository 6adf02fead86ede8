package fedllm.peft.bottleneck;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.AdapterConfig;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Targets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Puts a small network with a skip behind attention and feed-forward, before what they give is
 * added to the stream: {@code y + U f(D y + d) + u}. D starts normal with deviation 0.01, all else
 * at zero, so that the model starts as it was. PEFT has no such method; names are those of
 * LLM-Adapters (arXiv:2304.01933).
 */
@Component
@Plugin(
    name = "bottleneck",
    does = "trains small networks with a skip behind attention and feed-forward",
    paper = "arXiv:1902.00751",
    options = Bottleneck.Config.class)
public final class Bottleneck implements PeftMethod {

  private static final String TYPE = "BOTTLENECK";

  /** What a job may say. */
  public @interface Config {

    /** How wide the network is inside. */
    @Range(min = 1)
    int size() default 64;

    /** Its nonlinearity f. */
    @OneOf({"relu", "gelu", "silu", "tanh"})
    String activation() default "relu";

    /**
     * Where: behind attention and feed-forward, or behind the last of each layer alone
     * (arXiv:2005.00247).
     */
    @OneOf({"houlsby", "pfeiffer"})
    String placement() default "houlsby";

    /** Names of what writes to the stream, or their last parts, instead of a placement. */
    String[] targets() default {};
  }

  private static final Set<String> READ =
      Set.of("bottleneck_size", "non_linearity", "target_modules", "adapter_dropout", "scaling");

  @Override
  public Adapter open(Options options, Architecture model) {
    Config config = options.as(Config.class);
    List<Site> residuals = residuals(model);
    List<Site> sites = residuals;
    if (config.targets().length > 0) {
      sites = Targets.choose("peft.targets", config.targets(), residuals);
    } else if (config.placement().equals("pfeiffer")) {
      sites = last(residuals);
    }
    return adapter(config.size(), config.activation(), sites, model);
  }

  @Override
  public Optional<Adapter> read(AdapterConfig config, Architecture model) {
    if (!config.type().equals(TYPE)) {
      return Optional.empty();
    }
    config.only(READ);
    if (config.number("scaling", 1) != 1) {
      throw config.odd("scaling", "1");
    }
    if (!Set.of("relu", "gelu", "silu", "tanh").contains(config.text("non_linearity", ""))) {
      throw config.odd("non_linearity", "relu, gelu, silu or tanh");
    }
    List<Site> sites = config.sites("target_modules", residuals(model));
    return Optional.of(
        adapter(config.size("bottleneck_size"), config.text("non_linearity", ""), sites, model));
  }

  private static List<Site> residuals(Architecture model) {
    return model.sites().stream().filter(at -> at.kind() == Site.Kind.RESIDUAL).toList();
  }

  /** Of those with one beginning, the last. */
  private static List<Site> last(List<Site> residuals) {
    Map<String, Site> last = new LinkedHashMap<>();
    for (Site at : residuals) {
      last.put(at.name().substring(0, Math.max(0, at.name().lastIndexOf('.'))), at);
    }
    return List.copyOf(last.values());
  }

  private static Adapter adapter(
      int size, String activation, List<Site> sites, Architecture model) {
    List<Graft> grafts = new ArrayList<>();
    for (Site at : sites) {
      grafts.add(
          new Graft(
              at,
              List.of(
                  new Parameter(
                      "D",
                      "adapter_down.weight",
                      List.of((long) size, (long) at.out()),
                      (random, values) -> random.addNormals(0, 0.01f, values, values.length)),
                  zero("d", "adapter_down.bias", size),
                  zero("U", "adapter_up.weight", at.out(), size),
                  zero("u", "adapter_up.bias", at.out())),
              "y + linear(torch." + activation + "(linear(y, D) + d), U) + u"));
    }
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("bottleneck_size", size);
    keys.put("non_linearity", activation);
    keys.put("adapter_dropout", 0.0);
    keys.put("scaling", 1.0);
    keys.put("target_modules", AdapterConfig.targets(sites, residuals(model)));
    return new Adapter(grafts, Map.of(AdapterConfig.NAME, AdapterConfig.text(TYPE, model, keys)));
  }

  private static Parameter zero(String symbol, String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    return new Parameter(symbol, name, sizes, Parameter.Fill.ZERO);
  }
}
