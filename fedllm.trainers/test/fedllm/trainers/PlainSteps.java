package fedllm.trainers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.random.Philox;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;
import fedllm.learning.train.Rule;
import java.util.Arrays;
import java.util.List;

/** An optimizer's rule beside the same one in plain Java, on the same random gradients. */
public final class PlainSteps {

  /** Sizes of the tensors: a matrix, a vector, one number in a matrix. */
  private static final int[][] SHAPES = {{5, 7}, {6}, {1, 1}};

  private static final int STEPS = 7;
  private static final String STEP =
      """
        def step(self: __torch__.K, eta: Tensor, p: List[Tensor], g: List[Tensor]MEMORY) -> Tensor:
          rate = float(torch.item(eta))
      RULE    return eta
      """;

  private PlainSteps() {}

  /** One tensor's optimizer in 64-bit floats. */
  public interface Plain {

    /** Moves {@code p} against {@code g}; {@code t} counts from 1. */
    void step(double[] p, double[] g, double rate, int t);
  }

  /** Makes the plain one of a shape. */
  public interface Maker {

    /** A fresh one. */
    Plain make(int[] shape);
  }

  /** Compares both after some steps at changing rates. */
  public static void assertSame(Rule rule, Maker maker) {
    try (NDManager owner = Torch.newManager()) {
      StringBuilder lists = new StringBuilder();
      rule.memory().forEach(m -> lists.append(", ").append(m.name()).append(": List[Tensor]"));
      String script = STEP.replace("MEMORY", lists).replace("RULE", rule.text());
      Kernel kernel = Kernel.compile(owner, script);
      NDList p = new NDList();
      NDList memory = new NDList();
      double[][] plain = new double[SHAPES.length][];
      Plain[] plains = new Plain[SHAPES.length];
      for (int i = 0; i < SHAPES.length; i++) {
        float[] first = normals(i, 0);
        p.add(owner.create(first, shape(SHAPES[i])));
        plain[i] = doubles(first);
        plains[i] = maker.make(SHAPES[i]);
      }
      Kernel.list("p", p);
      for (Rule.Memory one : rule.memory()) {
        NDList list = new NDList();
        for (int[] sizes : SHAPES) {
          List<Long> like = Arrays.stream(sizes).asLongStream().boxed().toList();
          list.add(owner.zeros(new Shape(one.shape().apply(like))));
        }
        memory.addAll(Kernel.list(one.name(), list));
      }
      for (int t = 1; t <= STEPS; t++) {
        double rate = rule.learningRate() / t;
        NDList gradients = new NDList();
        for (int i = 0; i < SHAPES.length; i++) {
          float[] g = normals(i, t);
          gradients.add(owner.create(g, shape(SHAPES[i])));
          plains[i].step(plain[i], doubles(g), rate, t);
        }
        NDList arguments = new NDList(owner.create(new double[] {rate}));
        arguments.addAll(p);
        arguments.addAll(Kernel.list("g", gradients));
        arguments.addAll(memory);
        kernel.call("step", false, arguments);
        for (int i = 0; i < SHAPES.length; i++) {
          assertNear(plain[i], p.get(i), "tensor " + i + ", step " + t);
        }
      }
    }
  }

  private static void assertNear(double[] expected, NDArray actual, String where) {
    float[] values = actual.toFloatArray();
    for (int j = 0; j < values.length; j++) {
      assertEquals(expected[j], values[j], 2e-6 * (1 + Math.abs(expected[j])), where);
    }
  }

  private static Shape shape(int[] sizes) {
    return new Shape(Arrays.stream(sizes).asLongStream().toArray());
  }

  private static float[] normals(int tensor, int step) {
    float[] values = new float[Arrays.stream(SHAPES[tensor]).reduce(1, (a, b) -> a * b)];
    Philox.of(4, tensor, "", step, "plain steps").addNormals(0, 0.7f, values, values.length);
    return values;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }
}
