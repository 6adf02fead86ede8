package fedllm.learning.model;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.error.SitsOut;
import fedllm.format.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A model's {@code config.json}; what is missing or odd is refused by file and key. */
public final class ModelConfig {

  /**
   * No model has as many layers or groups of them; the names of more weights would fill the memory.
   */
  private static final int MAX_LAYERS = 10_000;

  /** A head for classes may be made anew, so that no file bounds it. */
  private static final int MAX_CLASSES = 100_000;

  private final Path file;
  private final JsonNode keys;

  private ModelConfig(Path file, JsonNode keys) {
    this.file = file;
    this.keys = keys;
  }

  /** Reads the file. */
  public static ModelConfig read(Path file) {
    return new ModelConfig(
        file, JsonFile.object(file, "base must name a folder in Hugging Face layout"));
  }

  /** Whether the key is there and not null. */
  public boolean has(String key) {
    return keys.hasNonNull(key);
  }

  /** Whether the key is there, be it null. */
  public boolean states(String key) {
    return keys.has(key);
  }

  /** Whether the key asks for nothing: absent, null, false, zero or without content. */
  public boolean idle(String key) {
    JsonNode node = keys.path(key);
    return !has(key)
        || (node.isContainerNode() && node.isEmpty())
        || (node.isNumber() && node.asDouble() == 0)
        || (node.isBoolean() && !node.asBoolean());
  }

  /** All keys. */
  public List<String> keys() {
    List<String> names = new ArrayList<>();
    keys.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** The key's text, or {@code missing} where there is none. */
  public String text(String key, String missing) {
    return has(key) ? keys.get(key).asText() : missing;
  }

  /** The key's texts; none where there is none. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    keys.path(key).forEach(node -> texts.add(node.asText()));
    return texts;
  }

  /** The key's number, above zero. */
  public int size(String key) {
    JsonNode node = keys.path(key);
    if (!node.canConvertToInt() || !node.isIntegralNumber() || node.asInt() < 1) {
      throw odd(key, "a whole number above zero");
    }
    if ((key.contains("layer") || key.contains("group")) && node.asInt() > MAX_LAYERS) {
      throw odd(key, "at most " + MAX_LAYERS);
    }
    return node.asInt();
  }

  /** The key's number, above zero, or {@code missing} where there is none. */
  public int size(String key, int missing) {
    return has(key) ? size(key) : missing;
  }

  /** The key's number, zero or above, or {@code missing} where there is none. */
  public int count(String key, int missing) {
    return has(key) && keys.get(key).isIntegralNumber() && keys.get(key).asInt() == 0
        ? 0
        : size(key, missing);
  }

  /** How many classes the files were written for; 0 where they do not say. */
  public int classes() {
    int classes = has("num_labels") ? size("num_labels") : keys.path("id2label").size();
    if (classes > MAX_CLASSES) {
      throw odd("num_labels", "at most " + MAX_CLASSES);
    }
    return classes;
  }

  /**
   * The names of the classes that the files were written for, in order; none where they do not say.
   */
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    JsonNode names = keys.path("id2label");
    for (int id = 0; id < names.size(); id++) {
      if (!names.path(Integer.toString(id)).isTextual()) {
        throw odd("id2label", "an object with a text for each number from 0 on");
      }
      labels.add(names.path(Integer.toString(id)).asText());
    }
    return labels;
  }

  /** The numbers and texts of a key that is an object, or null where there is none. */
  public ModelConfig inner(String key) {
    if (!has(key)) {
      return null;
    }
    if (!keys.get(key).isObject()) {
      throw odd(key, "an object");
    }
    return new ModelConfig(Path.of(file + ": " + key), keys.get(key));
  }

  /** The key's numbers, or null where there is none. */
  public double[] numbers(String key) {
    if (!has(key)) {
      return null;
    }
    double[] numbers = new double[keys.get(key).size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!keys.get(key).get(i).isNumber()) {
        throw odd(key, "a list of numbers");
      }
      numbers[i] = keys.get(key).get(i).asDouble();
    }
    return numbers;
  }

  /** The key's number, or {@code missing} where there is none. */
  public double number(String key, double missing) {
    if (!has(key)) {
      return missing;
    }
    if (!keys.get(key).isNumber()) {
      throw odd(key, "a number");
    }
    return keys.get(key).asDouble();
  }

  /** The key's truth, or {@code missing} where there is none. */
  public boolean flag(String key, boolean missing) {
    if (!has(key)) {
      return missing;
    }
    if (!keys.get(key).isBoolean()) {
      throw odd(key, "true or false");
    }
    return keys.get(key).asBoolean();
  }

  /** What to throw when a key asks for something that cannot be done. */
  public SitsOut odd(String key, String expected) {
    String found = keys.has(key) ? keys.get(key).toString() : "missing";
    return new SitsOut(file + ": " + key + " is " + found + ", but should be " + expected);
  }

  /** The file. */
  public Path file() {
    return file;
  }
}
