package fedllm.trainers.hetlora;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.train.Correction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The last ranks of one layer's factors: rows of A [rank, in] and columns of B [out, rank].
 *
 * @param a where A stands among the trained tensors
 * @param b where B does
 * @param rank all ranks
 * @param from the first of the tail
 */
record Tail(int a, int b, int rank, int from) {

  private static final String A = "lora_A";
  private static final String B = "lora_B";

  /**
   * The gradient of {@code λ |B_t| |A_t|}: {@code λ |B_t| A_t / |A_t|}, and the other way round.
   */
  private static final String PRESSURE =
      """
          a# = torch.slice(p[@A], 0, FROM)
          b# = torch.slice(p[@B], 1, FROM)
          na# = torch.clamp_min(torch.linalg_vector_norm(a#), 1e-30)
          nb# = torch.clamp_min(torch.linalg_vector_norm(b#), 1e-30)
          _a# = torch.add_(torch.slice(g[@A], 0, FROM), a# * (nb# / na#), alpha=LAMBDA)
          _b# = torch.add_(torch.slice(g[@B], 1, FROM), b# * (na# / nb#), alpha=LAMBDA)
      """;

  /**
   * Those of every layer; a layer of {@code least} ranks has none to lose.
   *
   * @throws SitsOut where there is no factor
   */
  static List<Tail> of(Schema schema, double gamma, int least) {
    List<Tail> tails = new ArrayList<>();
    for (int a = 0; a < schema.tensors().size(); a++) {
      Tensor tensor = schema.tensors().get(a);
      int b = schema.indexOf(tensor.name().replace(A, B));
      if (tensor.parameter().contains(A) && b >= 0) {
        int rank = Math.toIntExact(tensor.shape().get(0));
        int from = Math.max(least, (int) Math.floor(gamma * rank));
        tails.add(new Tail(a, b, rank, Math.min(rank, from)));
      }
    }
    if (tails.isEmpty()) {
      throw new SitsOut("trainer hetlora lets ranks of LoRA go, and peft has none; name lora");
    }
    return tails;
  }

  /** What pulls all tails towards zero. */
  static Correction pressure(List<Tail> tails, double lambda) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < tails.size(); i++) {
      Tail tail = tails.get(i);
      if (tail.from < tail.rank) {
        text.append(
            PRESSURE
                .replace("@A", Integer.toString(tail.a))
                .replace("@B", Integer.toString(tail.b))
                .replace("FROM", Integer.toString(tail.from))
                .replace("LAMBDA", Double.toString(lambda))
                .replace("#", Integer.toString(i)));
      }
    }
    return new Correction(text.toString(), Map.of());
  }

  /** {@code sum |B_t| |A_t|} over all layers. */
  static double products(List<Tail> tails, Tensors values) {
    double sum = 0;
    for (Tail tail : tails) {
      sum += tail.norm(values.values(tail.a), true) * tail.norm(values.values(tail.b), false);
    }
    return sum;
  }

  /** The most ranks that a layer has. */
  static int rank(List<Tail> tails) {
    return tails.stream().mapToInt(Tail::rank).max().orElseThrow();
  }

  /** The most that are no tail. */
  static int kept(List<Tail> tails) {
    return tails.stream().mapToInt(Tail::from).max().orElseThrow();
  }

  /** Makes the tail zero. */
  void clear(Tensors values) {
    float[] rows = values.values(a);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = isTail(i, rows.length, true) ? 0 : rows[i];
    }
    float[] columns = values.values(b);
    for (int i = 0; i < columns.length; i++) {
      columns[i] = isTail(i, columns.length, false) ? 0 : columns[i];
    }
  }

  private double norm(float[] values, boolean rows) {
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      squares += isTail(i, values.length, rows) ? (double) values[i] * values[i] : 0;
    }
    return Math.sqrt(squares);
  }

  private boolean isTail(int place, int length, boolean rows) {
    return (rows ? place / (length / rank) : place % rank) >= from;
  }
}
