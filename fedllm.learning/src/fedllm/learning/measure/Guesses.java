package fedllm.learning.measure;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.model.Head;
import fedllm.learning.text.Batch;

/**
 * What a model makes of a batch's labels, those that are not {@link Batch#NONE}, in their order.
 *
 * @param likeliest the class, or token, that it thinks likeliest in each one's place
 * @param nats what it thinks of all of them, negated and summed
 */
public record Guesses(long[] likeliest, double nats) {

  private static final String CLASSES =
      """
        def guesses(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor]) -> List[Tensor]:
          f = (self).frame(b)
          z = torch.log_softmax((self).logits((self).hidden(f, [labels], w, p), f, w, p), 1)
          return [torch.argmax(z, 1), torch.sum(torch.to(torch.gather(z, 1, labels), 7))]
      """;

  private static final String PLACES =
      """
        def guesses(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor], p: List[Tensor]) -> List[Tensor]:
          f = (self).frame(b)
          hidden = (self).hidden(f, [labels], w, p)
          every = torch.reshape(labels, [-1])
          at = torch.squeeze(torch.nonzero(torch.ne(every, -100)), 1)
          h = torch.index_select(torch.reshape(hidden, [-1, torch.size(hidden, -1)]), 0, at)
          targets = torch.unsqueeze(torch.index_select(every, 0, at), 1)
          found = [torch.zeros([0], dtype=4)]
          sum = torch.zeros([1], dtype=7)
          i = 0
          while torch.lt(i, torch.size(h, 0)):
            z = torch.log_softmax((self).logits(torch.slice(h, 0, i, i + 256), f, w, p), 1)
            _0 = torch.append(found, torch.argmax(z, 1))
            n = torch.gather(z, 1, torch.slice(targets, 0, i, i + 256))
            sum = sum + torch.sum(torch.to(n, 7))
            i = i + 256
          return [torch.cat(found), sum]
      """;

  /** The method that {@link #of} calls, for a model's script. */
  public static Part part() {
    return script ->
        script.architecture().head().kind() == Head.Kind.SEQUENCE_CLASSES ? CLASSES : PLACES;
  }

  /** Those of one batch. */
  public static Guesses of(LanguageModel model, Batch batch, NDList values) {
    try (NDManager step = model.newManager()) {
      NDList found = model.call(step, "guesses", false, batch, values);
      double sum = found.get(1).toType(DataType.FLOAT64, false).sum().getDouble();
      return new Guesses(found.head().toLongArray(), -sum);
    }
  }
}
