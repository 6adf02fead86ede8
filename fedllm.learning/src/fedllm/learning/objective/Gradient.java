package fedllm.learning.objective;

/** The TorchScript that makes an objective's loss and its gradient in one call. */
public final class Gradient {

  private Gradient() {}

  /**
   * The method {@code gradient(ids, labels, w, p, start)}: the loss, then its gradient for each of
   * p.
   *
   * @param loss the body that an {@link Objective} gave
   */
  public static String methods(String loss) {
    return """
      def objective(self: __torch__.K, hidden: Tensor, head: Tensor, labels: Tensor, now: List[Tensor], start: List[Tensor]) -> Tensor:
    LOSS
      def gradient(self: __torch__.K, ids: Tensor, labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor]) -> List[Tensor]:
        now = annotate(List[Tensor], [])
        for t in p:
          _0 = torch.append(now, torch.requires_grad_(torch.detach(t), True))
        loss = (self).objective((self).hidden(ids, w, now), (self).head(w), labels, now, start)
        gradients = torch.grad([loss], now)
        result = [torch.detach(loss)]
        for g in gradients:
          if torch.__isnot__(g, None):
            _1 = torch.append(result, unchecked_cast(Tensor, g))
        return result
    """
        .replace("LOSS\n", loss);
  }
}
