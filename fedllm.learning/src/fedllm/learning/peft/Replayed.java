package fedllm.learning.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.format.AdapterFolder;
import fedllm.format.TensorInfo;
import fedllm.learning.seeds.Directions;
import fedllm.learning.seeds.Replay;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An adapter in files of some kilobytes: {@code adapter_config.json} has the adapter's own keys and
 * what {@link Replay} needs, {@code adapter_model.safetensors} how far it went along each
 * direction. Its values are made of both when it is opened.
 */
public final class Replayed {

  /** What the file calls it. */
  static final String TYPE = "SEEDS";

  private static final String ADAPTERS = "adapters"; // one; the key is that of several
  private static final String SEED = "seed";
  private static final String DIRECTIONS = "directions";
  private static final String RATE = "learning_rate";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Replayed() {}

  /**
   * What lies beside the sums.
   *
   * @param files those of the adapter that is replayed
   */
  public static Map<String, String> files(Map<String, String> files, Replay replay) {
    try {
      ObjectNode adapter = (ObjectNode) JSON.readTree(files.get(AdapterConfig.NAME));
      ObjectNode config = JSON.createObjectNode().put("peft_type", TYPE);
      config.set("task_type", adapter.get("task_type"));
      config.put(SEED, Long.toString(replay.directions().seed())); // no double has 64 bits
      config.put(DIRECTIONS, replay.directions().form());
      config.put(RATE, replay.learningRate());
      config.putObject(ADAPTERS).set("replayed", adapter);
      Map<String, String> all = new HashMap<>(files);
      all.put(AdapterConfig.NAME, JSON.writeValueAsString(config) + "\n");
      return all;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a method wrote what is not JSON", e);
    }
  }

  /** The keys of the adapter whose values are replayed. */
  static AdapterConfig adapter(AdapterConfig config) {
    Map<String, AdapterConfig> adapters = config.inner(ADAPTERS);
    if (adapters.size() != 1) {
      throw config.odd(ADAPTERS, "the one adapter that is replayed");
    }
    return adapters.values().iterator().next();
  }

  /**
   * The adapter's values.
   *
   * @param base of which some first values are made
   */
  static Tensors values(AdapterFolder folder, AdapterConfig config, Adapter adapter, Frozen base) {
    Replay replay = replay(config);
    List<Tensor> held = new ArrayList<>();
    for (TensorInfo tensor : folder.tensors()) {
      held.add(new Tensor("", tensor.name(), tensor.shape()));
    }
    String sums = Replay.sums(1).name();
    if (held.stream().noneMatch(tensor -> tensor.name().equals(sums))) {
      held.add(Replay.sums(1)); // which the folder refuses, as it does of any adapter
    }
    float[] along = folder.read(new Schema(held)).values(sums);
    return replay.of(first(adapter, replay.directions().seed(), base), along, (what, n, of) -> {});
  }

  private static Replay replay(AdapterConfig config) {
    String form = config.text(DIRECTIONS, "");
    if (!form.equals(Directions.NORMAL) && !form.equals(Directions.SIGN)) {
      throw config.odd(DIRECTIONS, Directions.NORMAL + " or " + Directions.SIGN);
    }
    double rate = config.number(RATE, 0);
    if (!(rate > 0)) {
      throw config.odd(RATE, "a number above 0");
    }
    try {
      long seed = Long.parseLong(config.text(SEED, ""));
      return new Replay(new Directions(seed, form), rate);
    } catch (NumberFormatException e) {
      throw config.odd(SEED, "the digits of a whole number, as a text");
    }
  }

  /** Where a run of that seed began. */
  private static Tensors first(Adapter adapter, long seed, Frozen base) {
    List<Parameter.Fill> fills = new ArrayList<>();
    adapter.with(
        parameter -> {
          fills.add(parameter.first());
          return parameter;
        });
    Tensors first = new Tensors(adapter.schema());
    for (int t = 0; t < fills.size(); t++) {
      Philox random = Philox.of(seed, 0, "", 0, first.schema().tensors().get(t).name());
      if (fills.get(t) instanceof Parameter.OfBase ofBase) {
        ofBase.fill(base, random, first.values(t));
      } else {
        fills.get(t).fill(random, first.values(t));
      }
    }
    return first;
  }
}
