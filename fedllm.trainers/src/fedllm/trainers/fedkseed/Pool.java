package fedllm.trainers.fedkseed;

import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.seeds.Replay;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The directions of a round: how likely each is drawn, and what was found along each. */
final class Pool {

  /** No slope counts for more among the likelihoods. */
  private static final double STEEPEST = 1000;

  private static final String MAGNITUDES = "magnitudes";
  private static final String DRAWS = "draws";

  private final Schema schema;
  private final double[] up; // sums of the probabilities, or nothing where all are the same
  private final double[] sums;
  private final double[] magnitudes;
  private final double[] draws;

  private Pool(Schema schema, double[] up) {
    int seeds = Math.toIntExact(schema.tensors().get(0).size());
    this.schema = schema;
    this.up = up;
    sums = new double[seeds];
    magnitudes = new double[seeds];
    draws = new double[seeds];
  }

  /** What travels. */
  static Schema schema(FedKSeed.Config config) {
    List<Tensor> tensors = new ArrayList<>(List.of(Replay.sums(config.seeds())));
    if (config.pro()) {
      String module = tensors.get(0).module();
      List<Long> shape = tensors.get(0).shape();
      tensors.add(new Tensor(module, MAGNITUDES, shape));
      tensors.add(new Tensor(module, DRAWS, shape));
    }
    return new Schema(tensors);
  }

  /** Before the first round: all are as likely. */
  static Pool empty(FedKSeed.Config config) {
    return new Pool(schema(config), new double[0]);
  }

  /** A round that begins with a state. */
  static Pool of(Tensors state) {
    boolean pro = state.schema().tensors().size() > 1;
    return new Pool(
        state.schema(), pro ? cumulated(state.values(1), state.values(2)) : new double[0]);
  }

  /**
   * The paper's: of each direction the mean of |g|, a first one of 0 among them; scaled to [0, 1];
   * softmax.
   */
  private static double[] cumulated(float[] magnitudes, float[] draws) {
    double[] p = new double[magnitudes.length];
    Arrays.setAll(p, s -> magnitudes[s] / (1 + draws[s]));
    double least = Arrays.stream(p).min().orElseThrow();
    double most = Arrays.stream(p).max().orElseThrow();
    double sum = 0;
    for (int s = 0; s < p.length; s++) {
      sum += StrictMath.exp(most > least ? (p[s] - least) / (most - least) : 0);
      p[s] = sum;
    }
    return p;
  }

  /** A direction. */
  int draw(Philox random) {
    if (up.length == 0) {
      return random.below(0, sums.length);
    }
    double mark = random.uniform(0) * up[up.length - 1];
    int at = Arrays.binarySearch(up, mark);
    return Math.min(up.length - 1, at >= 0 ? at + 1 : -at - 1);
  }

  /** A step was taken along a direction, of that slope. */
  void went(int s, double slope) {
    sums[s] += slope;
    magnitudes[s] += Math.min(STEEPEST, Math.abs(slope));
    draws[s]++;
  }

  /** All steps. */
  Tensors update() {
    Tensors update = new Tensors(schema);
    double[][] all = {sums, magnitudes, draws};
    for (int t = 0; t < schema.tensors().size(); t++) {
      float[] values = update.values(t);
      for (int s = 0; s < values.length; s++) {
        values[s] = (float) all[t][s];
      }
    }
    return update;
  }
}
