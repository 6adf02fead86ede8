package fedllm.learning.train;

import fedllm.api.tensor.Tensors;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What corrects the gradients of each step, after the objective's and its noise, before they are
 * clipped to {@code clipNorm} and an optimizer's {@link Rule} sees them.
 *
 * @param text the body, indented by four, of a TorchScript method. It sees the lists {@code p}, the
 *     tensors that move; {@code g}, their gradients, which it changes; and one list for each of
 *     {@code reads} and {@code gathers}, by its name
 * @param reads values of the tensors that move, and maybe of others
 * @param gathers what the text adds up from zero, and who gets it after the last step
 */
public record Correction(
    String text, SortedMap<String, Tensors> reads, SortedMap<String, Gathered> gathers) {

  /** Takes what was gathered, of the tensors that move, in so many steps. */
  @FunctionalInterface
  public interface Gathered {
    /** After the last step. */
    void take(Tensors sum, long steps);
  }

  public Correction {
    reads = new TreeMap<>(reads);
    gathers = new TreeMap<>(gathers);
  }

  /** One that gathers nothing. */
  public Correction(String text, Map<String, Tensors> reads) {
    this(text, reads, Map.of());
  }

  /** Names in any order. */
  public Correction(String text, Map<String, Tensors> reads, Map<String, Gathered> gathers) {
    this(text, new TreeMap<>(reads), new TreeMap<>(gathers));
  }

  /**
   * The gradient of {@code weight / 2 |p - anchor|²}, which pulls towards an anchor: {@code g +=
   * weight (p - anchor)}.
   */
  public static Correction towards(Tensors anchor, double weight) {
    return new Correction(
        "    torch._foreach_add_(g, torch._foreach_sub(p, anchor), alpha=" + weight + ")\n",
        Map.of("anchor", anchor));
  }
}
