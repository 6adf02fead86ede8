package fedllm.learning.decoder;

import fedllm.learning.model.ModelConfig;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Layers that look near only: a position sees itself and those before it, {@code positions} in all.
 *
 * @param positions how many; 0 where no layer is such
 * @param layers which
 */
public record Window(int positions, Set<Integer> layers) {

  /** Every layer sees all. */
  public static final Window NONE = new Window(0, Set.of());

  private static final String NEAR = "sliding_attention";
  private static final String FULL = "full_attention";

  /** Every layer, by {@code sliding_window}; none where that is null. */
  public static Window everywhere(ModelConfig config, int missing) {
    boolean none = config.states("sliding_window") && !config.has("sliding_window");
    if (none || missing == 0 && !config.has("sliding_window")) {
      return NONE;
    }
    Set<Integer> all =
        IntStream.range(0, config.size("num_hidden_layers")).boxed().collect(Collectors.toSet());
    return new Window(config.size("sliding_window", missing), all);
  }

  /**
   * The layers that {@code layer_types} names, or else those from {@code max_window_layers} on, and
   * none of these without {@code use_sliding_window}.
   *
   * @param from what {@code max_window_layers} is where it is missing
   */
  public static Window chosen(ModelConfig config, int missing, int from) {
    int layers = config.size("num_hidden_layers");
    boolean used = config.flag("use_sliding_window", false);
    Window all = used ? everywhere(config, missing) : NONE;
    Set<Integer> near =
        config.has("layer_types")
            ? named(config, layers)
            : all.layers().stream()
                .filter(layer -> layer >= config.count("max_window_layers", from))
                .collect(Collectors.toSet());
    if (near.isEmpty()) {
      return NONE;
    }
    if (all.positions() == 0) {
      throw config.odd(
          used ? "sliding_window" : "use_sliding_window",
          used ? "a number, as layer_types reads it" : "true, as layer_types reads a window");
    }
    return new Window(all.positions(), near);
  }

  /** The layers that {@code layer_types} names, or else every other one from the first on. */
  public static Window alternating(ModelConfig config, int missing) {
    Window all = everywhere(config, missing);
    Set<Integer> near =
        config.has("layer_types")
            ? named(config, config.size("num_hidden_layers"))
            : all.layers().stream().filter(layer -> layer % 2 == 0).collect(Collectors.toSet());
    if (!near.isEmpty() && all.positions() == 0) {
      throw config.odd("sliding_window", "a number, as layer_types reads it");
    }
    return near.isEmpty() ? NONE : new Window(all.positions(), near);
  }

  private static Set<Integer> named(ModelConfig config, int layers) {
    List<String> types = config.texts("layer_types");
    if (types.size() != layers || !Set.of(NEAR, FULL).containsAll(types)) {
      throw config.odd(
          "layer_types", FULL + " or " + NEAR + " for each of num_hidden_layers, " + layers);
    }
    return IntStream.range(0, layers)
        .filter(layer -> types.get(layer).equals(NEAR))
        .boxed()
        .collect(Collectors.toSet());
  }
}
