package fedllm.strategies.factors;

import fedllm.api.error.Ends;
import fedllm.api.strategy.Part;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * LoRA's two factors of one module: A [rank, in] and B [out, rank], by PEFT's names.
 *
 * @param atA where A's values begin among the module's
 * @param atB where B's do
 */
public record Pair(Tensor a, int atA, Tensor b, int atB) {

  private static final String A = "lora_A";
  private static final String B = "lora_B";
  private static final String EMBEDDED_A = "lora_embedding_A";
  private static final String EMBEDDED_B = "lora_embedding_B";

  /** What stands in a module that a factor of this name belongs to; null for no factor. */
  private static String other(String parameter) {
    if (parameter.contains(EMBEDDED_A)) {
      return parameter.replace(EMBEDDED_A, EMBEDDED_B);
    }
    return parameter.contains(A) ? parameter.replace(A, B) : null;
  }

  /** The pairs among a module's tensors, which follow one another. */
  public static List<Pair> of(List<Tensor> tensors) {
    Map<String, Integer> places = new HashMap<>();
    int at = 0;
    for (Tensor tensor : tensors) {
      places.put(tensor.name(), at);
      at += Math.toIntExact(tensor.size());
    }
    List<Pair> pairs = new ArrayList<>();
    for (Tensor a : tensors) {
      String name = other(a.parameter());
      Optional<Tensor> b =
          tensors.stream()
              .filter(t -> t.module().equals(a.module()) && t.parameter().equals(name))
              .filter(t -> a.shape().size() == 2 && t.shape().size() == 2)
              .filter(t -> a.shape().get(0).equals(t.shape().get(1)))
              .findFirst();
      b.ifPresent(t -> pairs.add(new Pair(a, places.get(a.name()), t, places.get(t.name()))));
    }
    return pairs;
  }

  /** How thin the factors are. */
  public int rank() {
    return Math.toIntExact(a.shape().get(0));
  }

  /** How many values enter the layer. */
  public int in() {
    return Math.toIntExact(a.shape().get(1));
  }

  /** How many values leave it. */
  public int out() {
    return Math.toIntExact(b.shape().get(0));
  }

  /** The most ranks that a product of this shape can have. */
  public int most() {
    return Math.min(in(), out());
  }

  /** The ranks of this pair in some updates together. */
  public static int ranks(Pair pair, List<Schema> updates) {
    return updates.stream()
        .flatMap(update -> of(update.only(pair.a.module()::equals).tensors()).stream())
        .filter(own -> own.a.name().equals(pair.a.name()))
        .mapToInt(Pair::rank)
        .sum();
  }

  /** Whether a tensor is one of the two. */
  public boolean has(Tensor tensor) {
    return tensor.equals(a) || tensor.equals(b);
  }

  /** The same pair as a member has it, whose rank may be another. */
  public Pair in(Part part) {
    return of(part.tensors()).stream()
        .filter(pair -> pair.a.name().equals(a.name()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(part.member().client() + " has no " + a.name()));
  }

  /**
   * Adds a multiple of both factors, of which {@code toA} [rank][in] and {@code toB} [out][rank]
   * may have more ranks.
   */
  public void addTo(double[][] toA, double[][] toB, double weight, float[] module) {
    for (int r = 0; r < rank(); r++) {
      for (int i = 0; i < in(); i++) {
        toA[r][i] += weight * module[atA + r * in() + i];
      }
    }
    for (int o = 0; o < out(); o++) {
      for (int r = 0; r < rank(); r++) {
        toB[o][r] += weight * module[atB + o * rank() + r];
      }
    }
  }

  /** Where values of a module go. */
  @FunctionalInterface
  public interface Sink {
    /** Sets the value at a place of the module. */
    void set(int place, double value);
  }

  /**
   * Puts both factors of a member into a pair of more ranks, from a rank on; A counts {@code
   * weight}.
   */
  public void copyTo(Pair stack, int from, double weight, float[] module, Sink to) {
    for (int r = 0; r < rank(); r++) {
      for (int i = 0; i < in(); i++) {
        to.set(stack.atA + (from + r) * in() + i, weight * module[atA + r * in() + i]);
      }
    }
    for (int o = 0; o < out(); o++) {
      for (int r = 0; r < rank(); r++) {
        to.set(stack.atB + o * stack.rank() + from + r, module[atB + o * rank() + r]);
      }
    }
  }

  /** Sets both factors, A as [rank][in] and B as [out][rank]. */
  public void write(double[][] newA, double[][] newB, Sink to) {
    for (int r = 0; r < rank(); r++) {
      for (int i = 0; i < in(); i++) {
        to.set(atA + r * in() + i, newA[r][i]);
      }
    }
    for (int o = 0; o < out(); o++) {
      for (int r = 0; r < rank(); r++) {
        to.set(atB + o * rank() + r, newB[o][r]);
      }
    }
  }

  /** The Frobenius norm of the product, {@code |BA|^2 = tr(B'B AA')}. */
  public double norm(float[] module) {
    int rank = rank();
    double sum = 0;
    for (int r = 0; r < rank; r++) {
      for (int q = 0; q <= r; q++) {
        double rows = 0;
        for (int i = 0; i < in(); i++) {
          rows += (double) module[atA + r * in() + i] * module[atA + q * in() + i];
        }
        double columns = 0;
        for (int o = 0; o < out(); o++) {
          columns += (double) module[atB + o * rank + r] * module[atB + o * rank + q];
        }
        sum += (q == r ? 1 : 2) * rows * columns;
      }
    }
    return Math.sqrt(Math.max(0, sum));
  }

  /** Ranks of a schema's pairs made others. */
  @FunctionalInterface
  public interface Ranks {
    /** The rank that a pair gets. */
    int of(Pair pair);
  }

  /** The same tensors, the factors with other ranks. */
  public static Schema with(Schema schema, Ranks ranks) {
    Map<Tensor, Tensor> changed = new HashMap<>();
    for (Pair pair : of(schema.tensors())) {
      long rank = ranks.of(pair);
      Tensor a = pair.a();
      Tensor b = pair.b();
      changed.put(a, new Tensor(a.module(), a.parameter(), List.of(rank, a.shape().get(1))));
      changed.put(b, new Tensor(b.module(), b.parameter(), List.of(b.shape().get(0), rank)));
    }
    return new Schema(schema.tensors().stream().map(t -> changed.getOrDefault(t, t)).toList());
  }

  /**
   * What an update to an order with these settings holds: the first {@code rank} of the global
   * state's ranks, or all of them where the order gives none.
   *
   * @throws Ends when the state has no pairs, or fewer ranks
   */
  public static Schema ordered(String strategy, Schema global, Map<String, Object> settings) {
    if (of(global.tensors()).isEmpty()) {
      throw new Ends(
          strategy + " combines factors of LoRA, and the state has none; set peft to lora");
    }
    for (Pair pair : of(global.tensors())) {
      if (pair.rank() > pair.most()) {
        throw new Ends(
            "%s: %s has rank %d, and no product of %d x %d has more than %d; lower peft.rank"
                .formatted(
                    strategy, pair.a().module(), pair.rank(), pair.out(), pair.in(), pair.most()));
      }
    }
    Object asked = settings.get("rank");
    if (asked == null) {
      return global;
    }
    int rank = ((Number) asked).intValue();
    return with(
        global,
        pair -> {
          if (rank < 1 || rank > pair.rank()) {
            throw new Ends(
                "%s: rank %d is asked of a client, and %s has ranks 1 to %d; raise peft.rank or lower that of the planner"
                    .formatted(strategy, rank, pair.a().module(), pair.rank()));
          }
          return rank;
        });
  }
}
