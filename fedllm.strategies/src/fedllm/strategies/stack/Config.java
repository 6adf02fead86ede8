package fedllm.strategies.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.Ends;
import fedllm.api.tensor.Schema;
import fedllm.strategies.factors.Pair;
import java.util.List;

/**
 * LoRA's {@code adapter_config.json} for a state whose ranks have grown: the scale of each layer
 * stays, so that alpha grows with its rank.
 */
final class Config {

  static final String NAME = "adapter_config.json";

  private static final String MODEL = "base_model.model.";
  private static final String RANKS = "rank_pattern";
  private static final String ALPHAS = "alpha_pattern";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Config() {}

  /** The text for a state's ranks. */
  static String of(String text, Schema state) {
    try {
      return JSON.writeValueAsString(grown((ObjectNode) JSON.readTree(text), state)) + "\n";
    } catch (JsonProcessingException | ClassCastException e) {
      throw new Ends("the state came with an " + NAME + " that is no JSON object", e);
    }
  }

  private static ObjectNode grown(ObjectNode old, Schema state) {
    List<Pair> pairs = Pair.of(state.tensors());
    ObjectNode config = old.deepCopy();
    config.remove(List.of(RANKS, ALPHAS));
    config.put("r", pairs.get(0).rank());
    config.put("lora_alpha", alpha(old, pairs.get(0)));
    for (Pair pair : pairs) {
      if (pair.rank() != config.get("r").asInt()) {
        config.withObject("/" + RANKS).put(site(pair), pair.rank());
      }
      if (alpha(old, pair) != config.get("lora_alpha").asDouble()) {
        config.withObject("/" + ALPHAS).put(site(pair), alpha(old, pair));
      }
    }
    return config;
  }

  /** What gives a layer the scale that it had. */
  private static double alpha(ObjectNode old, Pair pair) {
    String site = site(pair);
    double rank = old.path(RANKS).path(site).asDouble(old.path("r").asDouble());
    double alpha = old.path(ALPHAS).path(site).asDouble(old.path("lora_alpha").asDouble());
    double more = pair.rank() / rank;
    return alpha * (old.path("use_rslora").asBoolean() ? Math.sqrt(more) : more);
  }

  private static String site(Pair pair) {
    String module = pair.a().module();
    return module.startsWith(MODEL) ? module.substring(MODEL.length()) : module;
  }
}
