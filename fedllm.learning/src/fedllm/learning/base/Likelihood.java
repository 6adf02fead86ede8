package fedllm.learning.base;

import fedllm.learning.model.Head;

/**
 * The TorchScript of what a model thinks of labels: {@code log_likelihoods(hidden, f, labels, w,
 * p)} for all labels of each row, [batch], in nats below zero; and where nobody asks for a gradient
 * {@code score(b, labels, w, p)}, {@code plain_log_likelihoods}, and {@code bare_log_likelihoods}
 * of the base without adapters.
 *
 * <p>Only places with a label are looked at, some of them at a time, so that the logits of a batch
 * never stand in memory at once. The gradient of each place is found together with its value: where
 * the head is a product it is known, {@code onehot - softmax}; elsewhere the engine finds it. It
 * goes back into {@code hidden} as a factor. Where the head itself is trained the engine keeps the
 * logits.
 */
final class Likelihood {

  /** Rows of logits that are in memory at one time. */
  private static final String ROWS = "256";

  /** Rows whose softmax stays in a core's own cache. */
  private static final String SOME = "16";

  private static final String PLACES =
      """
          every = torch.reshape(labels, [-1])
          at = torch.squeeze(torch.nonzero(torch.ne(every, -100)), 1)
          row = torch.floor_divide(at, torch.size(labels, 1))
          targets = torch.unsqueeze(torch.index_select(every, 0, at), 1)
          h = torch.index_select(torch.reshape(hidden, [-1, torch.size(hidden, -1)]), 0, at)
          zero = torch.new_zeros(hidden, [torch.size(labels, 0)], dtype=7)
          i = 0
      """;

  private static final String HEAD =
      """
        def log_likelihoods(self: __torch__.K, hidden: Tensor, f: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
      """;

  private static final String CHUNKED =
      """
          fixed = torch.detach(h)
          g = torch.empty_like(fixed)
          nats = torch.new_empty(fixed, [torch.size(fixed, 0)], dtype=7)
          while torch.lt(i, torch.size(fixed, 0)):
            x = torch.slice(fixed, 0, i, i + ROWS)
            t = torch.slice(targets, 0, i, i + ROWS)
      CHUNK      i = i + ROWS
          value = torch.index_add(zero, 0, row, nats)
          s = torch.index_add(torch.to(zero, 6), 0, row, torch.sum(h * g, [1]))
          return s - torch.detach(s) + torch.to(value, 6)
      """;

  private static final String KNOWN =
      """
            z = LINEAR
            few = torch.new_empty(fixed, [SOME, torch.size(z, 1)])
            j = 0
            while torch.lt(j, torch.size(z, 0)):
              s = torch.slice(z, 0, j, j + SOME)
              l = torch.slice(t, 0, j, j + SOME)
              q = torch.copy_(torch.slice(few, 0, 0, torch.size(s, 0)), s)
              _3 = torch.softmax(q, 1, None, out=q)
              n = torch.gather(q, 1, l)
              if torch.gt(float(torch.item(torch.min(n))), 9.9999999999999996e-31):
                n = torch.log(n)
              else:
                n = torch.gather(torch.log_softmax(torch.to(s, 6), 1), 1, l)
              _0 = torch.copy_(torch.slice(nats, 0, i + j, i + j + SOME), torch.squeeze(n, 1))
              _1 = torch.copy_(s, torch.scatter_add_(q, 1, l, torch.full_like(n, -1.)))
              j = j + SOME
            _2 = torch.neg_(torch.copy_(torch.slice(g, 0, i, i + ROWS), BACK))
      """;

  private static final String FOUND =
      """
            leaf = torch.requires_grad_(torch.detach(x), True)
            z = torch.log_softmax((self).logits(leaf, f, w, p), 1)
            n = torch.squeeze(torch.gather(z, 1, t), 1)
            _0 = torch.copy_(torch.slice(nats, 0, i, i + ROWS), torch.detach(n))
            for found in torch.grad([torch.sum(n)], [leaf]):
              if torch.__isnot__(found, None):
                _1 = torch.copy_(torch.slice(g, 0, i, i + ROWS), unchecked_cast(Tensor, found))
      """;

  private static final String KEPT =
      """
          values = [torch.new_zeros(hidden, [0])]
          while torch.lt(i, torch.size(h, 0)):
            z = torch.log_softmax((self).logits(torch.slice(h, 0, i, i + ROWS), f, w, p), 1)
            t = torch.slice(targets, 0, i, i + ROWS)
            _0 = torch.append(values, torch.squeeze(torch.gather(z, 1, t), 1))
            i = i + ROWS
          return torch.index_add(torch.to(zero, 6), 0, row, torch.cat(values))
      """;

  /**
   * One label for a row; where texts of one token have places before them, it stands behind those.
   */
  private static final String CLASSES =
      """
          z = torch.log_softmax((self).logits(hidden, f, w, p), 1)
          label = torch.amax(labels, [1], True)
          counted = torch.to(torch.ne(label, -100), 6)
          return torch.squeeze(torch.gather(z, 1, torch.clamp_min(label, 0)) * counted, 1)
      """;

  private static final String SCORE =
      """
        def score(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
          f = (self).frame(b)
          hidden = (self).hidden(f, [labels], w, p)
      """;

  private static final String SCORED =
      """
          nats = torch.new_empty(h, [torch.size(h, 0)], dtype=7)
          while torch.lt(i, torch.size(h, 0)):
            z = (self).logits(torch.slice(h, 0, i, i + ROWS), f, w, p)
            t = torch.squeeze(torch.slice(targets, 0, i, i + ROWS), 1)
            n = torch.cross_entropy_loss(z, t, None, 0, -100, 0.)
            _0 = torch.copy_(torch.slice(nats, 0, i, i + ROWS), n)
            i = i + ROWS
          return torch.neg(torch.index_add(zero, 0, row, nats))
      """;

  private static final String PLAIN =
      """
        def NAME_log_likelihoods(self: __torch__.K, hidden: Tensor, f: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
      """;

  private Likelihood() {}

  /** {@code plain_log_likelihoods} and {@code bare_log_likelihoods}. */
  static String plain(Script script) {
    String text = PLAIN + (sequence(script) ? CLASSES : PLACES + SCORED);
    String plain = text.replace("NAME", "plain");
    String bare = text.replace("NAME", "bare").replace("(self).logits(", "(self).bare_logits(");
    return (plain + bare).replace("ROWS", ROWS);
  }

  /** {@code log_likelihoods}. */
  static String gradient(Script script) {
    String head = script.architecture().projection();
    String text;
    if (sequence(script)) {
      text = HEAD + CLASSES;
    } else if (script.graftsLogits()) {
      text = HEAD + PLACES + KEPT;
    } else if (head.isEmpty()) {
      text = HEAD + PLACES + CHUNKED.replace("CHUNK", FOUND);
    } else {
      Route route = script.precision().route();
      String known =
          KNOWN
              .replace("LINEAR", route.product("x", script.matrix(head)) + script.headBias())
              .replace("BACK", route.back("z", script.matrix(head)))
              .replace("SOME", SOME);
      text = HEAD + PLACES + CHUNKED.replace("CHUNK", known);
    }
    return text.replace("ROWS", ROWS);
  }

  /** {@code score}. */
  static String score(Script script) {
    String text = SCORE + (sequence(script) ? CLASSES : PLACES + SCORED);
    return text.replace("ROWS", ROWS);
  }

  private static boolean sequence(Script script) {
    return script.architecture().head().kind() == Head.Kind.SEQUENCE_CLASSES;
  }
}
