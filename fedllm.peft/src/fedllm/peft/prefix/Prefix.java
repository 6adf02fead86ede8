package fedllm.peft.prefix;

import fedllm.api.error.SitsOut;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Puts trained keys and values before each text, in every layer: of place i they are row i of P,
 * for each layer first its keys, then its values. Keys are what attention sees, after any rotation.
 * The paper's network that makes P is left out; as in PEFT without {@code prefix_projection}, P
 * itself is trained.
 */
@Component
@Plugin(
    name = "prefix",
    does = "trains keys and values that stand before each text in every layer",
    paper = "arXiv:2101.00190",
    options = Prefix.Config.class)
public final class Prefix implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** How many keys and values for a layer. */
    @Range(min = 1, max = 1 << 16)
    int tokens() default 20;

    /** They start as normal numbers of this deviation. */
    @Range(min = 0)
    double deviation() default 0.02;
  }

  private static final Set<String> READ =
      Set.of(
          "num_virtual_tokens",
          "token_dim",
          "num_transformer_submodules",
          "num_attention_heads",
          "num_layers",
          "encoder_hidden_size",
          "prefix_projection"); // files hold what the projection made

  @Override
  public Adapter open(Options options, Architecture model) {
    Config config = options.as(Config.class);
    Adapter.checkRoom(config.tokens(), model);
    float deviation = (float) config.deviation();
    return adapter(
        config.tokens(),
        (random, values) -> random.addNormals(0, deviation, values, values.length),
        model);
  }

  @Override
  public Optional<Adapter> read(AdapterConfig config, Architecture model) {
    if (!config.type().equals("PREFIX_TUNING")) {
      return Optional.empty();
    }
    config.only(READ);
    if (config.number("num_transformer_submodules", 1) != 1) {
      throw config.odd("num_transformer_submodules", "1");
    }
    return Optional.of(adapter(config.size("num_virtual_tokens"), Parameter.Fill.ZERO, model));
  }

  private static Adapter adapter(int tokens, Parameter.Fill first, Architecture model) {
    List<Graft> grafts = new ArrayList<>();
    int keys = 0;
    int values = 0;
    int width = model.attention().keyHeads() * model.attention().width();
    for (Site at : model.sites()) {
      if (at.kind() == Site.Kind.KEYS) {
        grafts.add(graft(at, 2 * width * keys++));
      } else if (at.kind() == Site.Kind.VALUES) {
        grafts.add(graft(at, 2 * width * values++ + width));
      }
    }
    if (keys != model.layers() || values != keys) {
      throw new SitsOut(
          "peft: prefix needs keys and values in every layer, which this model has not");
    }
    long columns = 2L * keys * width;
    Parameter p = new Parameter("P", "prompt_embeddings", List.of((long) tokens, columns), first);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("num_virtual_tokens", tokens);
    config.put("token_dim", width);
    config.put("num_transformer_submodules", 1);
    config.put("num_attention_heads", model.attention().keyHeads());
    config.put("num_layers", model.layers());
    config.put("encoder_hidden_size", model.width());
    config.put("prefix_projection", false);
    return new Adapter(
        List.of(p),
        grafts,
        tokens,
        Map.of(AdapterConfig.NAME, AdapterConfig.text("PREFIX_TUNING", model, config)));
  }

  /** Rows of P by place, from a column on: [batch, length, heads * width] to [batch, heads, ..]. */
  private static Graft graft(Site at, int from) {
    int width = at.in() * at.out();
    String rows =
        "torch.embedding(torch.slice(P, 1, %d, %d), torch.clamp_min(here, 0))"
            .formatted(from, from + width);
    String heads =
        "torch.transpose(torch.reshape(%s, [torch.size(here, 0), torch.size(here, 1), %d, %d]), 1, 2)"
            .formatted(rows, at.in(), at.out());
    String mine = "torch.unsqueeze(torch.unsqueeze(torch.ge(here, 0), 1), -1)";
    return new Graft(at, List.of(), "torch.where(" + mine + ", " + heads + ", y)");
  }
}
