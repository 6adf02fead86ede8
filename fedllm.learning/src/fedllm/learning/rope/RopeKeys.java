package fedllm.learning.rope;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.RopeScaling;
import fedllm.learning.model.Rotary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a configuration says of its rotary embedding: {@code rope_scaling} with {@code type} or
 * {@code rope_type}, or {@code rope_parameters}, which has the base too. Whatever stands there is
 * read or refused.
 */
public final class RopeKeys {

  private static final String SCALING = "rope_scaling";
  private static final String PARAMETERS = "rope_parameters";
  private static final String TYPE = "rope_type";
  private static final String THETA = "rope_theta";
  private static final String PART = "partial_rotary_factor";
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final List<String> ALWAYS = List.of(TYPE, "type", THETA, PART);

  private final ModelConfig config;
  private final ModelConfig rope;
  private final int positions;

  private RopeKeys(ModelConfig config, ModelConfig rope, int positions) {
    this.config = config;
    this.rope = rope;
    this.positions = positions;
  }

  /**
   * Reads the keys.
   *
   * @param headWidth the width of a head
   * @param positions what {@code max_position_embeddings} is
   * @throws SitsOut when they are odd or ask for what cannot be done; the message names the key
   */
  public static Rotary read(ModelConfig config, int headWidth, int positions) {
    boolean both = !config.idle(SCALING) && !config.idle(PARAMETERS);
    if (both) {
      throw config.odd(PARAMETERS, "absent where rope_scaling says the same");
    }
    ModelConfig rope = config.inner(config.idle(SCALING) ? PARAMETERS : SCALING);
    return new RopeKeys(config, rope == null ? config : rope, positions).rotary(headWidth);
  }

  private Rotary rotary(int headWidth) {
    double theta = one(THETA, 10_000);
    if (theta <= 1) {
      throw home(THETA).odd(THETA, "above 1");
    }
    int width = (int) (headWidth * one(PART, 1));
    if (width < 2 || width % 2 != 0 || width > headWidth) {
      String key = config.has("head_dim") ? "head_dim" : "num_attention_heads";
      ModelConfig at = home(PART);
      throw at.has(PART)
          ? at.odd(PART, "a share of the " + headWidth + " of a head that is even")
          : config.odd(key, "such that a head is even, as is what turns of it; it is " + headWidth);
    }
    return new Rotary(width, headWidth, theta, rope == config ? RopeScaling.NONE : scaling(width));
  }

  private RopeScaling scaling(int width) {
    String type = type();
    return switch (type) {
      case "default" -> {
        only(List.of());
        yield RopeScaling.NONE;
      }
      case "linear" -> {
        only(List.of("factor"));
        yield new Linear(factor());
      }
      case "dynamic" -> dynamic(width);
      case "llama3" -> llama3();
      case "yarn" ->
          // The first files of Phi-3 have this name for what came to be called longrope.
          rope.has("short_factor") ? longRope(width) : yarn();
      case "longrope", "su" -> longRope(width);
      default ->
          throw rope.odd(
              rope.has(TYPE) ? TYPE : "type",
              "one of default, linear, dynamic, llama3, yarn, longrope");
    };
  }

  private String type() {
    String type = rope.text(TYPE, rope.text("type", "default"));
    if (!rope.text("type", type).equals(type)) {
      throw rope.odd("type", "what rope_type is");
    }
    return type;
  }

  private RopeScaling dynamic(int width) {
    only(List.of("factor", ORIGINAL));
    if (original(positions) != positions) {
      throw rope.odd(ORIGINAL, "max_position_embeddings, " + positions);
    }
    if (width < 4) {
      throw rope.odd(rope.has(TYPE) ? TYPE : "type", "another where so little of a head turns");
    }
    return new DynamicNtk(factor(), positions);
  }

  private RopeScaling llama3() {
    only(List.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL));
    double low = positive("low_freq_factor");
    double high = positive("high_freq_factor");
    if (high <= low) {
      throw rope.odd("high_freq_factor", "above low_freq_factor, " + low);
    }
    return new Llama3(factor(), low, high, rope.size(ORIGINAL));
  }

  private RopeScaling yarn() {
    only(
        List.of(
            "factor",
            ORIGINAL,
            "attention_factor",
            "beta_fast",
            "beta_slow",
            "mscale",
            "mscale_all_dim",
            "truncate"));
    int original = original(positions);
    boolean ratio = !rope.has("factor") && original != positions;
    double factor = ratio ? reach(original) : factor();
    double fast = rope.idle("beta_fast") ? 32 : positive("beta_fast");
    double slow = rope.idle("beta_slow") ? 1 : positive("beta_slow");
    if (slow > fast) {
      throw rope.odd("beta_slow", "at most beta_fast, " + fast);
    }
    double magnitude = grown(factor, 1);
    if (!rope.idle("mscale") && !rope.idle("mscale_all_dim")) {
      magnitude = grown(factor, positive("mscale")) / grown(factor, positive("mscale_all_dim"));
    }
    boolean whole = rope.flag("truncate", true);
    return new Yarn(factor, original, fast, slow, whole, magnitude(magnitude));
  }

  /** How much larger scores become, as the paper found it: {@code 0.1 m ln(factor) + 1}. */
  private static double grown(double factor, double m) {
    return factor <= 1 ? 1 : 0.1 * m * StrictMath.log(factor) + 1;
  }

  private RopeScaling longRope(int width) {
    only(List.of("factor", "short_factor", "long_factor", "attention_factor", ORIGINAL));
    if (!config.has(ORIGINAL) && !rope.has(ORIGINAL)) {
      throw rope.odd(ORIGINAL, "the length up to which short_factor holds");
    }
    int original = original(positions);
    double reach = reach(original);
    if (rope.has("factor") && factor() != reach && !rope.has("attention_factor")) {
      throw rope.odd("factor", "max_position_embeddings over " + ORIGINAL + ", " + reach);
    }
    double magnitude =
        reach <= 1 ? 1 : Math.sqrt(1 + StrictMath.log(reach) / StrictMath.log(original));
    return new LongRope(
        divisors("short_factor", width),
        divisors("long_factor", width),
        original,
        magnitude(magnitude));
  }

  private List<Double> divisors(String key, int width) {
    double[] numbers = rope.numbers(key);
    if (numbers == null
        || numbers.length != width / 2
        || !Arrays.stream(numbers).allMatch(number -> number > 0)) {
      throw rope.odd(key, width / 2 + " numbers above zero");
    }
    return Arrays.stream(numbers).boxed().toList();
  }

  /** How much further than the first texts the positions reach. */
  private double reach(int original) {
    return (double) positions / original;
  }

  private double magnitude(double missing) {
    return rope.has("attention_factor") ? positive("attention_factor") : missing;
  }

  private double factor() {
    double factor = rope.number("factor", 0);
    if (factor < 1) {
      throw rope.odd("factor", "a number, 1 or more");
    }
    return factor;
  }

  private double positive(String key) {
    double number = rope.number(key, 0);
    if (number <= 0) {
      throw rope.odd(key, "a number above zero");
    }
    return number;
  }

  /** The length that the model learned from first, which may stand inside or outside. */
  private int original(int missing) {
    int outside = config.size(ORIGINAL, missing);
    int inside = rope.size(ORIGINAL, outside);
    if (config.has(ORIGINAL) && inside != outside) {
      throw rope.odd(ORIGINAL, "what it is outside, " + outside);
    }
    return inside;
  }

  /** A number that may stand inside or outside. */
  private double one(String key, double missing) {
    double outside = config.number(key, missing);
    double inside = rope.number(key, outside);
    if (config.has(key) && inside != outside) {
      throw rope.odd(key, "what it is outside, " + outside);
    }
    return inside;
  }

  private ModelConfig home(String key) {
    return rope.has(key) ? rope : config;
  }

  private void only(List<String> read) {
    List<String> known = new ArrayList<>(ALWAYS);
    known.addAll(read);
    for (String key : rope.keys()) {
      if (!known.contains(key) && rope.has(key)) {
        throw rope.odd(key, "absent: " + type() + " has no such key");
      }
    }
  }
}
