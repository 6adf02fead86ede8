package fedllm.learning.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import fedllm.api.error.SitsOut;
import fedllm.format.AdapterFolder;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The {@code adapter_config.json} of an adapter in PEFT layout: how a method writes it, and reads
 * it. What is odd is refused by file and key.
 */
public final class AdapterConfig {

  /** The file's name. */
  public static final String NAME = "adapter_config.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** What says nothing about the values' meaning. */
  private static final Set<String> ASIDE =
      Set.of(
          "peft_type",
          "peft_version",
          "task_type",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "auto_mapping",
          "tokenizer_name_or_path",
          "fan_in_fan_out");

  private final JsonNode keys;
  private final ModelConfig values;

  private AdapterConfig(JsonNode keys, ModelConfig values) {
    this.keys = keys;
    this.values = values;
  }

  /** That of a folder. */
  static AdapterConfig of(AdapterFolder folder) {
    return new AdapterConfig(folder.config(), ModelConfig.read(folder.folder().resolve(NAME)));
  }

  /**
   * The file's text.
   *
   * @param type what PEFT calls the method
   * @param own the method's keys
   */
  public static String text(String type, Architecture model, Map<String, ?> own) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("peft_type", type);
    keys.put(
        "task_type",
        switch (model.head().kind()) {
          case TOKENS -> model.causal() ? "CAUSAL_LM" : null;
          case SEQUENCE_CLASSES -> "SEQ_CLS";
          case TOKEN_CLASSES -> "TOKEN_CLS";
        });
    keys.put("base_model_name_or_path", null); // a path would say where a silo keeps its models
    keys.put("revision", null);
    keys.put("inference_mode", true);
    keys.putAll(own);
    try {
      return JSON.writeValueAsString(keys) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of plain values is JSON", e);
    }
  }

  /**
   * Sites as {@code target_modules} has them: last parts of names where they say it all, for PEFT
   * knows no {@code *} in a list.
   *
   * @param among those that PEFT could mean
   */
  public static List<String> targets(List<Site> sites, List<Site> among) {
    List<String> kinds = sites.stream().map(Site::part).distinct().toList();
    boolean whole = among.stream().filter(at -> kinds.contains(at.part())).count() == sites.size();
    return whole ? kinds : sites.stream().map(Site::name).toList();
  }

  /** Whether files hold weights of these layers as [in, out]; PEFT wants to be told. */
  public static boolean transposed(List<Site> sites, Architecture model) {
    List<String> names = sites.stream().map(at -> at.name() + ".weight").toList();
    return model.weights().stream().anyMatch(w -> w.transposed() && names.contains(w.name()));
  }

  /** What PEFT calls the method. */
  public String type() {
    return keys.path("peft_type").asText();
  }

  /** Whether the key is there and says something. */
  public boolean has(String key) {
    return keys.has(key) && !nothing(keys.get(key));
  }

  /** The key's number, above zero. */
  public int size(String key) {
    return values.size(key);
  }

  /** The key's number, or {@code missing} where there is none. */
  public double number(String key, double missing) {
    return values.number(key, missing);
  }

  /** The key's truth, or {@code missing} where there is none. */
  public boolean flag(String key, boolean missing) {
    return values.flag(key, missing);
  }

  /** The key's text, or {@code missing} where there is none. */
  public String text(String key, String missing) {
    return values.text(key, missing);
  }

  /** The key's texts; none where it is no list. */
  public List<String> texts(String key) {
    return values.texts(key);
  }

  /** The objects inside of a key that is an object, in its order. */
  Map<String, AdapterConfig> inner(String key) {
    Map<String, AdapterConfig> inner = new LinkedHashMap<>();
    ModelConfig all = values.inner(key);
    for (Map.Entry<String, JsonNode> one : keys.path(key).properties()) {
      inner.put(one.getKey(), new AdapterConfig(one.getValue(), all.inner(one.getKey())));
    }
    if (inner.isEmpty()) {
      throw odd(key, "an object with an adapter's keys for each name");
    }
    return inner;
  }

  /** What to throw when a key asks for something that cannot be done. */
  public SitsOut odd(String key, String expected) {
    return values.odd(key, expected);
  }

  /**
   * Refuses keys that a method does not know, unless what they say is nothing: such a key may
   * change what the values mean.
   *
   * @param known what the method reads, or may leave aside
   */
  public void only(Set<String> known) {
    for (Map.Entry<String, JsonNode> key : keys.properties()) {
      if (!known.contains(key.getKey())
          && !ASIDE.contains(key.getKey())
          && !nothing(key.getValue())) {
        throw odd(key.getKey(), "left out; it is nothing that " + type() + " can do here");
      }
    }
  }

  private static boolean nothing(JsonNode value) {
    for (JsonNode inner : value) {
      if (!value.isObject() || !nothing(inner)) {
        return false;
      }
    }
    return value.isNull()
        || value.isContainerNode()
        || (value.isBoolean() && !value.asBoolean())
        || (value.isTextual() && value.asText().isEmpty());
  }

  /**
   * The sites that a key names as PEFT does: a list of names or last parts, or a regular expression
   * of whole names.
   *
   * @throws SitsOut when it names none
   */
  public List<Site> sites(String key, List<Site> among) {
    JsonNode named = keys.path(key);
    List<Site> sites = new ArrayList<>();
    if (named.isTextual()) {
      Pattern pattern = pattern(key, named.asText());
      among.stream().filter(at -> pattern.matcher(at.name()).matches()).forEach(sites::add);
    } else {
      List<String> names = texts(key);
      among.stream().filter(at -> names.stream().anyMatch(n -> fits(n, at))).forEach(sites::add);
    }
    if (sites.isEmpty()) {
      List<String> there = among.stream().map(Site::part).distinct().toList();
      throw odd(key, "some of this model's " + there);
    }
    return sites;
  }

  /**
   * The number that a key such as {@code rank_pattern} gives a site, or {@code missing}. Such a key
   * maps ends of names to numbers, read as regular expressions; the first that fits counts.
   */
  public double patterned(String key, Site at, double missing) {
    JsonNode patterns = keys.path(key);
    if (has(key) && !patterns.isObject()) {
      throw odd(key, "an object with a number for each name");
    }
    for (Map.Entry<String, JsonNode> one : patterns.properties()) {
      if (!one.getValue().isNumber() || !(one.getValue().asDouble() > 0)) {
        throw odd(key, "an object with a number above zero for each name");
      }
      if (pattern(key, "(.*\\.)?(" + one.getKey() + ")").matcher(at.name()).matches()) {
        return one.getValue().asDouble();
      }
    }
    return missing;
  }

  private Pattern pattern(String key, String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw odd(key, "a regular expression, and " + e.getDescription());
    }
  }

  private static boolean fits(String name, Site at) {
    return at.name().equals(name) || at.name().endsWith("." + name);
  }
}
