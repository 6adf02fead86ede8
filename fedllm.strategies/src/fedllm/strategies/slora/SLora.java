package fedllm.strategies.slora;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Sparse;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.strategies.factors.SparseMatrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;

/**
 * Adds updates. At the end of the first stage each sparse matrix that was trained, {@code M = U S
 * V'}, becomes LoRA's factors of the rank and scale s that its tensor's name says: {@code B = U_r
 * S_r / s, A = V_r'}, or {@code B = U_r sqrt(S_r / s), A = sqrt(S_r / s) V_r'}. Both are the same
 * product, the best of that rank, and learn on at different speeds.
 */
@Component
@Plugin(
    name = "slora",
    does = "adds, and after the first stage writes sparse matrices as factors of LoRA",
    paper = "arXiv:2308.06522",
    options = SLora.Config.class,
    with = "peft/slora")
public final class SLora implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** Rounds of the first stage. */
    @Range(min = 1)
    int rounds() default 5;

    /** Where the singular values go: with U to the {@code left}, or to both sides alike. */
    @OneOf({"left", "symmetric"})
    String factors() default "left";
  }

  private static final Pattern NAME = Pattern.compile("lora\\(rank=(\\d+),scale=([0-9.eE+-]+)\\)");

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Stages(config.rounds(), config.factors().equals("symmetric"), scope);
  }

  private static final class Stages implements Descent {

    private final int rounds;
    private final boolean symmetric;
    private final Scope scope;
    private final Map<String, Tensor> sparse = new HashMap<>();
    private int round;

    Stages(int rounds, boolean symmetric, Scope scope) {
      this.rounds = rounds;
      this.symmetric = symmetric;
      this.scope = scope;
    }

    @Override
    public void begin(int newRound) {
      round = newRound;
    }

    @Override
    public Schema next(Schema global, Schema combined) {
      Descent.super.next(global, combined); // what is combined is what the state has
      sparse.clear();
      if (round < rounds) {
        return global;
      }
      List<Tensor> next = new ArrayList<>();
      for (Tensor tensor : global.tensors()) {
        if (Sparse.of(tensor).isPresent()) {
          sparse.put(tensor.module(), tensor);
          next.addAll(factors(tensor));
        } else {
          next.add(tensor);
        }
      }
      return new Schema(next);
    }

    private static List<Tensor> factors(Tensor tensor) {
      Sparse matrix = Sparse.of(tensor).orElseThrow();
      long rank = rank(matrix);
      if (rank > Math.min(matrix.in(), matrix.out())) {
        throw new Ends(
            "slora: %s has rank %d, and no product of %d x %d has more than %d; lower peft.rank"
                .formatted(
                    tensor.module(),
                    rank,
                    matrix.out(),
                    matrix.in(),
                    Math.min(matrix.in(), matrix.out())));
      }
      return List.of(
          new Tensor(tensor.module(), "lora_A.weight", List.of(rank, (long) matrix.in())),
          new Tensor(tensor.module(), "lora_B.weight", List.of((long) matrix.out(), rank)));
    }

    private static long rank(Sparse matrix) {
      return Long.parseLong(name(matrix).group(1));
    }

    private static double scale(Sparse matrix) {
      return Double.parseDouble(name(matrix).group(2));
    }

    private static Matcher name(Sparse matrix) {
      Matcher name = NAME.matcher(matrix.name());
      if (!name.matches()) {
        throw new Ends("slora: " + matrix.parameter() + " is not of peft slora; take that");
      }
      return name;
    }

    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      Tensor before = sparse.get(unit.module());
      if (before == null) {
        for (int i = 0; i < unit.length(); i++) {
          next[i] = global[i] + update[i];
        }
        return;
      }
      Sparse matrix = Sparse.of(before).orElseThrow();
      double[] values = new double[Math.toIntExact(before.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (double) global[i] + update[i];
      }
      int rank = Math.toIntExact(rank(matrix));
      SparseMatrix.Cut cut =
          new SparseMatrix(
                  matrix.out(), matrix.in(), matrix.places(before.module(), values.length), values)
              .cut(rank, scope.random(round, 0, "start of " + before.module()));
      write(cut, rank, matrix, next);
    }

    private void write(SparseMatrix.Cut cut, int rank, Sparse matrix, float[] next) {
      double scale = scale(matrix);
      int b = rank * matrix.in();
      for (int r = 0; r < rank; r++) {
        double part = cut.singular()[r] / scale;
        double right = symmetric ? Math.sqrt(part) : 1;
        double left = symmetric ? Math.sqrt(part) : part;
        for (int i = 0; i < matrix.in(); i++) {
          next[r * matrix.in() + i] = (float) (right * cut.v()[r][i]);
        }
        for (int o = 0; o < matrix.out(); o++) {
          next[b + o * rank + r] = (float) (left * cut.u()[o][r]);
        }
      }
    }
  }
}
