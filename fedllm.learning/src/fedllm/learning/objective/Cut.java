package fedllm.learning.objective;

import fedllm.api.error.SitsOut;
import fedllm.learning.base.Part;
import fedllm.learning.base.Script;
import java.util.function.ToIntFunction;

/**
 * The TorchScript of a model in two pieces, beside {@link Gradient}: below a cut, and above it; or
 * in three, with what is between two cuts. x and y are the streams that enter the layers at the
 * lower and the upper cut, [batch, length, width]; of one cut they are the same.
 *
 * <pre>
 * below(b, labels, w, p) -> x
 * between(b, labels, w, p, x) -> y
 * above(b, labels, w, p, start, y) -> loss, its gradient for y, then for each of p what comes from above
 * upper(b, labels, w, p, start, y) -> the same without the gradient for y
 * between_backward(b, labels, w, p, x, dy) -> the gradient for x, then for each of p what comes from between
 * below_backward(b, labels, w, p, dx) -> for each of p what comes from below
 * </pre>
 *
 * <p>What is between needs of a batch which places hold text, and neither tokens nor labels, unless
 * an adapter's equations there read them.
 */
public final class Cut implements Part {

  private static final String METHODS =
      """
        def until(self: __torch__.K, f: List[Tensor], kv: List[Tensor], w: List[Tensor], p: List[Tensor]) -> Tensor:
          x = (self).embed(f, w, p)
      LOWER    return x
        def amid(self: __torch__.K, x: Tensor, f: List[Tensor], kv: List[Tensor], w: List[Tensor], p: List[Tensor]) -> Tensor:
      MIDDLE    return x
        def since(self: __torch__.K, x: Tensor, f: List[Tensor], kv: List[Tensor], w: List[Tensor], p: List[Tensor]) -> Tensor:
      UPPER    return (self).last(x, f, w, p)
        def below(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
          return torch.detach((self).until((self).frame(b), [labels], w, p))
        def below_backward(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], dx: Tensor) -> List[Tensor]:
          now = (self).leaves(p)
          x = (self).until((self).frame(b), [labels], w, now)
          return (self).gradients(x, now, dx)
        def between(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], x: Tensor) -> Tensor:
          return torch.detach((self).amid(x, (self).frame(b), [labels], w, p))
        def between_backward(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], x: Tensor, dy: Tensor) -> List[Tensor]:
          now = (self).leaves(p)
          leaf = torch.requires_grad_(torch.detach(x), True)
          y = (self).amid(leaf, (self).frame(b), [labels], w, now)
          return (self).gradients(y, torch.add([leaf], now), dy)
        def above(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], x: Tensor) -> List[Tensor]:
          f = (self).frame(b)
          now = (self).leaves(p)
          leaf = torch.requires_grad_(torch.detach(x), True)
          loss = (self).objective((self).since(leaf, f, [labels], w, now), f, labels, w, now, start)
          found = (self).gradients(loss, torch.add([leaf], now), torch.ones_like(loss))
          return torch.add([torch.detach(loss)], found)
        def upper(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], x: Tensor) -> List[Tensor]:
          f = (self).frame(b)
          now = (self).leaves(p)
          loss = (self).objective((self).since(x, f, [labels], w, now), f, labels, w, now, start)
          return torch.add([torch.detach(loss)], (self).gradients(loss, now, torch.ones_like(loss)))
      """;

  private final ToIntFunction<Script> lower;
  private final ToIntFunction<Script> upper;

  private Cut(ToIntFunction<Script> lower, ToIntFunction<Script> upper) {
    this.lower = lower;
    this.upper = upper;
  }

  /**
   * Before one layer.
   *
   * @param layer 0 for between the embedding and the first layer, the number of layers for behind
   *     the last
   */
  public static Part at(int layer) {
    ToIntFunction<Script> cut =
        script -> {
          if (layer < 0 || layer > script.architecture().layers()) {
            throw new IllegalArgumentException("no cut is before layer " + layer);
          }
          return layer;
        };
    return new Cut(cut, cut);
  }

  /** Around all layers: embedding below, head above. */
  public static Part aroundLayers() {
    return new Cut(script -> 0, script -> script.architecture().layers());
  }

  /**
   * Before the first layer that is trained.
   *
   * @throws SitsOut when the script is written, where the embedding is trained
   */
  public static Part belowWhatIsTrained() {
    ToIntFunction<Script> cut =
        script -> {
          if (script.lowestTrained() == Script.EMBED) {
            throw new SitsOut(
                "trainer.cacheBytes keeps what stays the same below all that is trained, but the"
                    + " embedding is trained; set it to 0");
          }
          return script.lowestTrained();
        };
    return new Cut(cut, cut);
  }

  @Override
  public String text(Script script) {
    int from = lower.applyAsInt(script);
    int to = upper.applyAsInt(script);
    return METHODS
        .replace("LOWER", calls(0, from))
        .replace("MIDDLE", calls(from, to))
        .replace("UPPER", calls(to, script.architecture().layers()));
  }

  private static String calls(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append("    x = (self).layer_").append(i).append("(x, f, kv, w, p)\n");
    }
    return text.toString();
  }
}
