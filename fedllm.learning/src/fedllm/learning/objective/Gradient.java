package fedllm.learning.objective;

import fedllm.learning.base.Part;
import fedllm.learning.base.Script;
import java.util.List;

/**
 * The TorchScript that makes an objective's loss and its gradient in one call: {@code gradient(b,
 * labels, w, p, start)} returns the loss, then its gradient for each of p; {@code loss(b, labels,
 * w, p, start)} returns the loss alone, in 64 bits, where no gradient may be asked for.
 */
public final class Gradient implements Part {

  private static final String LOSS =
      """
        def loss(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor]) -> Tensor:
          f = (self).frame(b)
          hidden = (self).hidden(f, [labels], w, p)
          return torch.to((self).objective_alone(hidden, f, labels, w, p, start), 7)
      """;

  private static final String OBJECTIVE =
      """
        def OBJECTIVE(self: __torch__.K, hidden: Tensor, f: List[Tensor], labels: Tensor, w: List[Tensor], now: List[Tensor], start: List[Tensor]) -> Tensor:
          bare = torch.new_zeros(hidden, [0])
      BARELOSS\
      """;

  private static final String GRADIENTS =
      """
        def leaves(self: __torch__.K, p: List[Tensor]) -> List[Tensor]:
          now = annotate(List[Tensor], [])
          for t in p:
            _0 = torch.append(now, torch.requires_grad_(torch.detach(t), True))
          return now
        def gradients(self: __torch__.K, y: Tensor, x: List[Tensor], dy: Tensor) -> List[Tensor]:
          result = annotate(List[Tensor], [])
          found = torch.grad([y], x, annotate(List[Optional[Tensor]], [dy]), None, False, True)
          for i in range(torch.len(x)):
            g = found[i]
            if torch.__isnot__(g, None):
              _0 = torch.append(result, unchecked_cast(Tensor, g))
            else:
              _1 = torch.append(result, torch.zeros_like(x[i]))
          return result
        def gradient(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor]) -> List[Tensor]:
          f = (self).frame(b)
          now = (self).leaves(p)
      """;

  private static final String BARE =
      """
          bare = torch.detach((self).bare_hidden(f, [labels], w, now))
      """;

  private static final String WHOLE =
      """
          loss = (self).objective((self).hidden(f, [labels], w, now), f, labels, w, now, start)
          return torch.add([torch.detach(loss)], (self).gradients(loss, now, torch.ones_like(loss)))
      """;

  private final Objective.Goal goal;
  private final boolean checkpoints;

  private Gradient(Objective.Goal goal, boolean checkpoints) {
    this.goal = goal;
    this.checkpoints = checkpoints;
  }

  /** {@code loss} alone: what has only this can ask for no gradient. */
  public static Part loss(Objective.Goal goal) {
    return script -> new Gradient(goal, false).alone();
  }

  /**
   * Keeps what each layer needs for the way back; computes layers again all the same where their
   * matrices are made anew at each use, which would otherwise all stand in memory at once.
   */
  public static Part of(Objective.Goal goal) {
    return new Gradient(goal, false);
  }

  /**
   * Keeps what enters each layer, and computes a layer again on the way back: the memory of one
   * layer, for a third more work (arXiv:1604.06174).
   */
  public static Part checkpointed(Objective.Goal goal) {
    return new Gradient(goal, true);
  }

  @Override
  public String text(Script script) {
    return objective("objective", goal.loss())
        + alone()
        + GRADIENTS
        + (checkpoints || script.precision().storage().coded() ? checkpointed(script) : WHOLE);
  }

  private String alone() {
    String loss = goal.loss().replace("(self).log_likelihoods(", "(self).plain_log_likelihoods(");
    return objective("objective_alone", loss) + LOSS;
  }

  private String objective(String name, String loss) {
    return OBJECTIVE
        .replace("OBJECTIVE", name)
        .replace("BARE", goal.compares() ? BARE : "")
        .replace("LOSS", loss);
  }

  private static String checkpointed(Script script) {
    int layers = script.architecture().layers();
    StringBuilder text = new StringBuilder();
    line(text, "g = annotate(List[Tensor], [])");
    line(text, "for t in p:");
    line(text, "  _0 = torch.append(g, torch.zeros_like(t))");
    line(text, "x0 = (self).embed(f, w, p)");
    for (int layer = 0; layer < layers; layer++) {
      line(text, "x%d = (self).layer_%d(x%d, f, [labels], w, p)", layer + 1, layer, layer);
    }
    line(text, "x = torch.requires_grad_(torch.detach(x%d), True)", layers);
    line(text, "h = (self).last(x, f, w, now)");
    line(text, "loss = (self).objective(h, f, labels, w, now, start)");
    line(text, "v = torch.add([x], now)");
    line(text, "d = (self).gradients(loss, v, torch.ones_like(loss))");
    line(text, "dy = d[0]");
    for (int i = 0; i < script.parameters().size(); i++) {
      line(text, "g[%d] = d[%d]", i, i + 1);
    }
    int lowest = script.lowestTrained();
    for (int layer = layers - 1; layer >= Math.max(0, lowest); layer--) {
      line(text, "x = torch.requires_grad_(torch.detach(x%d), True)", layer);
      line(text, "y = (self).layer_%d(x, f, [labels], w, now)", layer);
      backward(text, script.uses(layer), "torch.add([x], q)", 1);
      line(text, "dy = d[0]");
    }
    if (!script.uses(Script.EMBED).isEmpty()) {
      line(text, "y = (self).embed(f, w, now)");
      backward(text, script.uses(Script.EMBED), "q", 0);
    }
    line(text, "return torch.add([torch.detach(loss)], g)");
    return text.toString();
  }

  /** Adds the gradients of what a part of the model uses. */
  private static void backward(StringBuilder text, List<Integer> used, String inputs, int first) {
    line(text, "q = annotate(List[Tensor], [])");
    for (int i : used) {
      line(text, "_0 = torch.append(q, now[%d])", i);
    }
    line(text, "d = (self).gradients(y, %s, dy)", inputs);
    for (int i = 0; i < used.size(); i++) {
      line(text, "g[%d] = g[%d] + d[%d]", used.get(i), used.get(i), first + i);
    }
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append("    ").append(format.formatted(arguments)).append('\n');
  }
}
