package fedllm.learning.objective;

import fedllm.learning.base.Part;
import fedllm.learning.base.Script;
import java.util.regex.Pattern;

/**
 * The TorchScript of each example's own gradient, beside {@link Gradient}. {@code ends} has the
 * first row of each example and behind the last one the number of rows.
 *
 * <pre>
 * example_norms(b, labels, w, p, start, ends) -> [examples]
 * clipped(b, labels, w, p, start, ends, bound) -> losses, norms, then for each of p the sum of the
 *     examples' gradients, each made no longer than the bound over all of p
 * </pre>
 *
 * <p>Where all that is trained are matrices of products, norms come from what the products read and
 * the gradient of what they made, and the sum from one more way back with a weight for each example
 * (arXiv:2110.05679, arXiv:2205.10683); {@code exact_norms} and {@code exact_clipped}, which are
 * there always, go back once for each example.
 */
public final class ExampleGradients implements Part {

  private static final String EXACT =
      """
        def rows_of(self: __torch__.K, b: List[Tensor], a: int, z: int) -> List[Tensor]:
          rows = annotate(List[Tensor], [])
          for i in range(3):
            t = b[i]
            if torch.gt(torch.numel(t), 0):
              t = torch.slice(t, 0, a, z)
            _0 = torch.append(rows, t)
          _1 = torch.append(rows, b[3])
          return rows
        def exact_gradient(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor, i: int) -> List[Tensor]:
          a = int(torch.item(torch.select(ends, 0, i)))
          z = int(torch.item(torch.select(ends, 0, i + 1)))
          return (self).gradient((self).rows_of(b, a, z), torch.slice(labels, 0, a, z), w, p, start)
        def exact_norm(self: __torch__.K, g: List[Tensor]) -> Tensor:
          square = torch.new_zeros(g[0], [], dtype=7)
          for i in range(torch.len(g) - 1):
            square = square + torch.sum(torch.square(torch.to(g[i + 1], 7)))
          return torch.sqrt(square)
        def exact_norms(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor) -> Tensor:
          norms = annotate(List[Tensor], [])
          for i in range(torch.numel(ends) - 1):
            g = (self).exact_gradient(b, labels, w, p, start, ends, i)
            _0 = torch.append(norms, (self).exact_norm(g))
          return torch.stack(norms)
        def exact_clipped(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor, bound: Tensor) -> List[Tensor]:
          losses = annotate(List[Tensor], [])
          norms = annotate(List[Tensor], [])
          sum = annotate(List[Tensor], [])
          for t in p:
            _0 = torch.append(sum, torch.zeros_like(t))
          for i in range(torch.numel(ends) - 1):
            g = (self).exact_gradient(b, labels, w, p, start, ends, i)
            norm = (self).exact_norm(g)
            share = torch.to(torch.clamp_max(bound / norm, 1.), 6)
            for k in range(torch.len(p)):
              _1 = torch.add_(sum[k], g[k + 1] * share)
            _2 = torch.append(losses, g[0])
            _3 = torch.append(norms, norm)
          return torch.add([torch.stack(losses), torch.stack(norms)], sum)
      """;

  private static final String GHOST =
      """
        def example_losses(self: __torch__.K, hidden: Tensor, b: List[Tensor], labels: Tensor, w: List[Tensor], now: List[Tensor], start: List[Tensor], ends: Tensor) -> Tensor:
          losses = annotate(List[Tensor], [])
          for i in range(torch.numel(ends) - 1):
            a = int(torch.item(torch.select(ends, 0, i)))
            z = int(torch.item(torch.select(ends, 0, i + 1)))
            f = (self).frame((self).rows_of(b, a, z))
            h = torch.slice(hidden, 0, a, z)
            _0 = torch.append(losses, (self).objective(h, f, torch.slice(labels, 0, a, z), w, now, start))
          return torch.stack(losses)
        def taped_norms(self: __torch__.K, losses: Tensor, tape: List[Tensor]) -> Tensor:
          n = torch.size(losses, 0)
          count = torch.floordiv(torch.len(tape) - COUNT, 3)
          which = annotate(List[Tensor], [])
          made = annotate(List[Tensor], [])
          sums = annotate(List[Tensor], [])
          for k in range(COUNT):
            _0 = torch.append(sums, torch.zeros([0]))
          for i in range(count):
            _1 = torch.append(which, tape[COUNT + 1 + 3 * i])
            _2 = torch.append(made, tape[COUNT + 3 + 3 * i])
          times = torch.bincount(torch.stack(which), None, COUNT)
          found = torch.grad([torch.sum(losses)], made, annotate(List[Optional[Tensor]], [None]), True, False, True)
          squares = torch.new_zeros(losses, [n], dtype=7)
          for i in range(count):
            g = found[i]
            if torch.__isnot__(g, None):
              x = torch.detach(tape[COUNT + 2 + 3 * i])
              x = torch.reshape(x, [n, -1, torch.size(x, -1)])
              d = unchecked_cast(Tensor, g)
              d = torch.reshape(d, [n, -1, torch.size(d, -1)])
              k = int(torch.item(which[i]))
              once = torch.eq(int(torch.item(torch.select(times, 0, k))), 1)
              length = torch.size(x, 1)
              if torch.__and__(once, torch.lt(2 * length * length, torch.size(x, 2) * torch.size(d, 2))):
                read = torch.matmul(x, torch.transpose(x, 1, 2))
                back = torch.matmul(d, torch.transpose(d, 1, 2))
                squares = squares + torch.sum(torch.to(read, 7) * back, [1, 2])
              else:
                whole = torch.matmul(torch.transpose(d, 1, 2), x)
                if once:
                  squares = squares + torch.sum(torch.square(torch.to(whole, 7)), [1, 2])
                else:
                  if torch.gt(torch.numel(sums[k]), 0):
                    sums[k] = sums[k] + whole
                  else:
                    sums[k] = whole
          for sum in sums:
            if torch.gt(torch.numel(sum), 0):
              squares = squares + torch.sum(torch.square(torch.to(sum, 7)), [1, 2])
          return torch.sqrt(torch.clamp_min(squares, 0.))
        def taped_losses(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], tape: List[Tensor], now: List[Tensor], start: List[Tensor], ends: Tensor) -> Tensor:
          _0 = torch.append(tape, torch.zeros([0]))
          hidden = (self).hidden((self).frame(b), [labels], w, tape)
          return (self).example_losses(hidden, b, labels, w, now, start, ends)
        def example_norms(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor) -> Tensor:
          now = (self).leaves(p)
          tape = torch.add(now, annotate(List[Tensor], []))
          losses = (self).taped_losses(b, labels, w, tape, now, start, ends)
          return (self).taped_norms(losses, tape)
        def clipped(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor, bound: Tensor) -> List[Tensor]:
          now = (self).leaves(p)
          tape = torch.add(now, annotate(List[Tensor], []))
          losses = (self).taped_losses(b, labels, w, tape, now, start, ends)
          norms = (self).taped_norms(losses, tape)
          shares = torch.to(torch.clamp_max(bound / norms, 1.), 6)
          total = torch.sum(losses * shares)
          sum = (self).gradients(total, now, torch.ones_like(total))
          return torch.add([torch.detach(losses), norms], sum)
      """;

  private static final String PLAIN =
      """
        def example_norms(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor) -> Tensor:
          return (self).exact_norms(b, labels, w, p, start, ends)
        def clipped(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor], start: List[Tensor], ends: Tensor, bound: Tensor) -> List[Tensor]:
          return (self).exact_clipped(b, labels, w, p, start, ends, bound)
      """;

  /** What a loss may do with what is trained and still have its gradient on the tape. */
  private static final Pattern KNOWN = Pattern.compile("\\b(f|bare), (labels, )?w, now\\)");

  private static final Pattern READS = Pattern.compile("\\b(now|start)\\b");

  private final Objective.Goal goal;
  private final boolean checkpoints;

  private ExampleGradients(Objective.Goal goal, boolean checkpoints) {
    this.goal = goal;
    this.checkpoints = checkpoints;
  }

  /** By the way that suits model and objective. */
  public static Part of(Objective.Goal goal) {
    return new ExampleGradients(goal, false);
  }

  /** By going back once for each example, as {@link Gradient#checkpointed} does. */
  public static Part checkpointed(Objective.Goal goal) {
    return new ExampleGradients(goal, true);
  }

  @Override
  public boolean tapes() {
    return !checkpoints && !READS.matcher(KNOWN.matcher(goal.loss()).replaceAll("")).find();
  }

  @Override
  public String text(Script script) {
    String count = Integer.toString(script.parameters().size());
    // A tape would keep every matrix that is made anew at each use.
    boolean tape = tapes() && script.multiplies() && !script.precision().storage().coded();
    return EXACT + (tape ? GHOST.replace("COUNT", count) : PLAIN);
  }
}
