package fedllm.peft.prompt;

import fedllm.api.error.SitsOut;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Puts trained embeddings before each text: row i of P stands at place i, and the text begins after
 * the last.
 */
@Component
@Plugin(
    name = "prompt",
    does = "trains embeddings that stand before each text",
    paper = "arXiv:2104.08691",
    options = Prompt.Config.class)
public final class Prompt implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** How many embeddings. */
    @Range(min = 1, max = 1 << 16)
    int tokens() default 20;

    /** What they start as: embeddings of tokens drawn at random, or normal numbers. */
    @OneOf({"vocabulary", "normal"})
    String start() default "vocabulary";

    /** The deviation of normal numbers. */
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
          "prompt_tuning_init",
          "prompt_tuning_init_text",
          "tokenizer_kwargs");

  @Override
  public Adapter open(Options options, Architecture model) {
    Config config = options.as(Config.class);
    Adapter.checkRoom(config.tokens(), model);
    Site at = embedding(model);
    Parameter.Fill first =
        config.start().equals("vocabulary")
            ? vocabulary(at)
            : (random, values) ->
                random.addNormals(0, (float) config.deviation(), values, values.length);
    return adapter(config.tokens(), first, at, model);
  }

  @Override
  public Optional<Adapter> read(AdapterConfig config, Architecture model) {
    if (!config.type().equals("PROMPT_TUNING")) {
      return Optional.empty();
    }
    config.only(READ);
    if (config.number("num_transformer_submodules", 1) != 1) {
      throw config.odd("num_transformer_submodules", "1");
    }
    Site at = embedding(model);
    return Optional.of(adapter(config.size("num_virtual_tokens"), Parameter.Fill.ZERO, at, model));
  }

  private static Adapter adapter(int tokens, Parameter.Fill first, Site at, Architecture model) {
    Parameter p =
        new Parameter("P", "prompt_embeddings", List.of((long) tokens, (long) at.out()), first);
    Graft graft =
        new Graft(
            at,
            List.of(),
            "torch.where(torch.unsqueeze(torch.ge(here, 0), -1),"
                + " torch.embedding(P, torch.clamp_min(here, 0)), y)");
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("num_virtual_tokens", tokens);
    keys.put("token_dim", at.out());
    keys.put("num_transformer_submodules", 1);
    keys.put("num_attention_heads", model.attention().heads());
    keys.put("num_layers", model.layers());
    keys.put("prompt_tuning_init", "RANDOM");
    keys.put("prompt_tuning_init_text", null);
    keys.put("tokenizer_name_or_path", null);
    return new Adapter(
        List.of(p),
        List.of(graft),
        tokens,
        Map.of(AdapterConfig.NAME, AdapterConfig.text("PROMPT_TUNING", model, keys)));
  }

  private static Site embedding(Architecture model) {
    return model.sites().stream()
        .filter(at -> at.kind() == Site.Kind.EMBEDDING)
        .findFirst()
        .orElseThrow(() -> new SitsOut("peft: the model has no embedding to put a prompt in"));
  }

  private static Parameter.OfBase vocabulary(Site at) {
    return (base, random, values) -> {
      for (int i = 0; i < values.length / at.out(); i++) {
        float[] row = base.rows(at.name() + ".weight", random.below(i, at.in()), 1);
        System.arraycopy(row, 0, values, i * at.out(), at.out());
      }
    };
  }
}
