package fedllm.peft.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import fedllm.learning.model.Site;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code adapter_config.json} that PEFT reads. */
final class AdapterConfig {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private AdapterConfig() {}

  static String of(Lora.Config config, List<Site> sites, List<Site> linears) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("peft_type", "LORA");
    keys.put("task_type", "CAUSAL_LM");
    keys.put("base_model_name_or_path", null); // a path would say where a silo keeps its models
    keys.put("revision", null);
    keys.put("r", config.rank());
    keys.put("lora_alpha", config.alpha());
    keys.put("lora_dropout", 0.0);
    keys.put("target_modules", targets(sites, linears));
    keys.put("bias", "none");
    keys.put("fan_in_fan_out", false);
    keys.put("init_lora_weights", true);
    keys.put("inference_mode", true);
    keys.put("modules_to_save", null);
    keys.put("layers_to_transform", null);
    keys.put("layers_pattern", null);
    try {
      return JSON.writeValueAsString(keys) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of plain values is JSON", e);
    }
  }

  /** Last parts of names where they say it all; PEFT knows no {@code *} in a list. */
  private static List<String> targets(List<Site> sites, List<Site> linears) {
    List<String> kinds = sites.stream().map(Site::part).distinct().toList();
    boolean whole =
        linears.stream().filter(at -> kinds.contains(at.part())).count() == sites.size();
    return whole ? kinds : sites.stream().map(Site::name).toList();
  }
}
