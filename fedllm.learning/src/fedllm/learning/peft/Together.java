package fedllm.learning.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.learning.model.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several adapters as one. Their tensors are told apart by the adapters' names, as PEFT does it in
 * memory: {@code lora_A.NAME.weight}. PEFT's files hold one adapter; {@code adapter_config.json}
 * has them all here, under {@code adapters}.
 */
public final class Together {

  /** What the file calls it. */
  static final String TYPE = "SEVERAL";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Together() {}

  /** One after the other, by name. */
  public static Adapter of(Architecture model, Map<String, Adapter> adapters) {
    List<Adapter> all = new ArrayList<>();
    Map<String, JsonNode> configs = new LinkedHashMap<>();
    adapters.forEach(
        (name, adapter) -> {
          all.add(adapter.with(parameter -> named(parameter, name)));
          configs.put(name, config(adapter));
        });
    String text = AdapterConfig.text(TYPE, model, Map.of("adapters", configs));
    return new Adapter(List.of(), List.of(), 0, Map.of(AdapterConfig.NAME, text), all);
  }

  private static Parameter named(Parameter parameter, String name) {
    int dot = parameter.name().indexOf('.');
    String first = dot < 0 ? parameter.name() : parameter.name().substring(0, dot);
    String rest = parameter.name().substring(first.length());
    return new Parameter(
        parameter.symbol(),
        first + "." + name + rest,
        parameter.shape(),
        parameter.first(),
        parameter.rankAxis());
  }

  private static JsonNode config(Adapter adapter) {
    try {
      return JSON.readTree(adapter.files().get(AdapterConfig.NAME));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a method wrote what is not JSON", e);
    }
  }
}
