package fedllm.testkit;

import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.opentest4j.AssertionFailedError;

/** Inputs that every contract is tried with; the same in every run. */
public final class Samples {

  /** Whose work the contracts' tests do. */
  public static final Scope SCOPE = new Scope("test", "bank", 42);

  /** Two modules, one of them a pair of factors, and a tensor of more than one block. */
  public static final Schema SCHEMA =
      new Schema(
          List.of(
              new Tensor("layers.0.q", "lora_A.weight", List.of(4L, 16L)),
              new Tensor("layers.0.q", "lora_B.weight", List.of(16L, 4L)),
              new Tensor("layers.1.q", "lora_A.weight", List.of(3L, 100_000L)),
              new Tensor("", "scale", List.of())));

  private Samples() {}

  /** Every column block of a schema, in order. */
  public static List<Unit> blocks(Schema schema) {
    List<Unit> units = new ArrayList<>();
    for (Tensor tensor : schema.tensors()) {
      for (int i = 0; i < Unit.blocks(tensor); i++) {
        units.add(Unit.block(tensor, i));
      }
    }
    return units;
  }

  /** A unit of its own for some values. */
  public static Unit unit(int length) {
    return Unit.block(new Tensor("m", "w", List.of((long) length)), 0);
  }

  /** Standard normal numbers, the same in every Java. */
  public static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Finite values of every sort: none, one, zeros of both signs, ties, tiny, huge, normal. */
  public static List<float[]> finite() {
    float[] ties = new float[130];
    Arrays.fill(ties, -0.25f);
    float[] mixed = normal(1000, 1);
    for (int i = 0; i < mixed.length; i += 3) {
      mixed[i] *= (float) StrictMath.pow(10, i % 60 - 30);
    }
    return List.of(
        new float[] {0},
        new float[] {-0f, 0, -0f},
        new float[] {3.5f},
        new float[200],
        ties,
        new float[] {Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, 0x1.fp-130f},
        new float[] {1e38f, -1e38f, 1e-38f, 1, 2},
        mixed,
        normal(4097, 2));
  }

  /** Fails, with the place, when a value is not finite. */
  static void assertFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new AssertionFailedError("value " + i + " is " + values[i]);
      }
    }
  }
}
