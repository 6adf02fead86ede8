package fedllm.peft.full;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.AdapterConfig;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Targets;
import fedllm.learning.peft.Whole;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Trains the weights of modules themselves: {@code V x + c}, starting as the frozen ones. The base
 * stays as it is, shared by all. PEFT has no such method; {@code fedllm merge} makes a whole model
 * of the result.
 */
@Component
@Plugin(
    name = "full",
    does = "trains the weights of linear layers, embedding or head themselves",
    options = Full.Config.class)
public final class Full implements PeftMethod {

  private static final String TYPE = "FULL";

  /** What a job may say. */
  public @interface Config {

    /**
     * Names of linear layers, or their last parts; {@code *} fits anything. Embedding and head are
     * meant by name alone. Empty for all linear layers.
     */
    String[] targets() default {};
  }

  @Override
  public Adapter open(Options options, Architecture model) {
    String[] targets = options.as(Config.class).targets();
    List<Site> among = Targets.linears(model, List.of(targets));
    String[] chosen = targets.length == 0 ? new String[] {"*"} : targets;
    return adapter(Targets.choose("peft.targets", chosen, among), model);
  }

  @Override
  public Optional<Adapter> read(AdapterConfig config, Architecture model) {
    if (!config.type().equals(TYPE)) {
      return Optional.empty();
    }
    config.only(Set.of("target_modules"));
    List<Site> among = Targets.linears(model, config.texts("target_modules"));
    return Optional.of(adapter(config.sites("target_modules", among), model));
  }

  private static Adapter adapter(List<Site> sites, Architecture model) {
    List<Graft> grafts = sites.stream().map(at -> Whole.of(at, model)).toList();
    List<String> names = AdapterConfig.targets(sites, Targets.modules(model));
    return new Adapter(
        grafts,
        Map.of(
            AdapterConfig.NAME, AdapterConfig.text(TYPE, model, Map.of("target_modules", names))));
  }
}
