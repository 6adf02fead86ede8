package fedllm.strategies;

import fedllm.api.plugin.Options;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.testkit.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Combines some updates by module, as a server does. */
public final class FoldingModules {

  private FoldingModules() {}

  /** One pair of LoRA's factors, all zero. */
  public static Schema lora(int rank, int in, int out) {
    return new Schema(
        List.of(
            new Tensor("m", "lora_A.weight", List.of((long) rank, (long) in)),
            new Tensor("m", "lora_B.weight", List.of((long) out, (long) rank))));
  }

  /** Normal numbers, the same each time. */
  public static Tensors normal(Schema schema, long seed) {
    Tensors tensors = new Tensors(schema);
    for (int t = 0; t < schema.tensors().size(); t++) {
      float[] values = tensors.values(t);
      System.arraycopy(Samples.normal(values.length, seed * 100 + t), 0, values, 0, values.length);
    }
    return tensors;
  }

  /** What a strategy makes of updates with so many examples. */
  public static Tensors of(
      AggregationStrategy strategy,
      Options options,
      Schema global,
      long[] examples,
      Tensors... updates) {
    List<Member> members = new ArrayList<>();
    for (int k = 0; k < updates.length; k++) {
      members.add(new Member("silo-" + k, examples[k]));
    }
    List<Schema> schemas = Arrays.stream(updates).map(Tensors::schema).toList();
    Round round = new Round(2, members, schemas, global, Samples.SCOPE);
    Tensors combined = new Tensors(strategy.combined(options, round));
    Aggregation aggregation = strategy.open(options, round);
    Block out = new Block();
    for (Unit unit : combined.schema().modules()) {
      List<Part> parts = new ArrayList<>();
      for (int k = 0; k < updates.length; k++) {
        parts.add(part(members.get(k), updates[k], unit.module()));
      }
      out.reset(unit.length());
      aggregation.fold(unit, parts, out);
      int at = 0;
      for (Tensor tensor : unit.tensors()) {
        float[] values = combined.values(tensor.name());
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) out.get(at++);
        }
      }
    }
    return combined;
  }

  private static Part part(Member member, Tensors update, String module) {
    for (Unit unit : update.schema().modules()) {
      if (unit.module().equals(module)) {
        float[] values = new float[unit.length() + 3]; // longer, as the runtime's may be
        int at = 0;
        for (Tensor tensor : unit.tensors()) {
          float[] own = update.values(tensor.name());
          System.arraycopy(own, 0, values, at, own.length);
          at += own.length;
        }
        return new OnePart(member, unit.tensors(), values);
      }
    }
    return new OnePart(member, List.of(), new float[0]);
  }

  private record OnePart(Member member, List<Tensor> tensors, float[] values) implements Part {}

  /** The product of the one pair's factors, B A. */
  public static double[][] product(Tensors factors) {
    List<Tensor> tensors = factors.schema().tensors();
    int rank = tensors.get(0).shape().get(0).intValue();
    int in = tensors.get(0).shape().get(1).intValue();
    int out = tensors.get(1).shape().get(0).intValue();
    double[][] product = new double[out][in];
    for (int o = 0; o < out; o++) {
      for (int r = 0; r < rank; r++) {
        for (int i = 0; i < in; i++) {
          product[o][i] += (double) factors.values(1)[o * rank + r] * factors.values(0)[r * in + i];
        }
      }
    }
    return product;
  }

  /** {@code sum_k w_k B_k A_k}. */
  public static double[][] sum(double[] weights, Tensors... factors) {
    double[][] sum = product(factors[0]);
    for (int k = 0; k < factors.length; k++) {
      double[][] one = product(factors[k]);
      for (int o = 0; o < sum.length; o++) {
        for (int i = 0; i < sum[o].length; i++) {
          sum[o][i] = (k == 0 ? 0 : sum[o][i]) + weights[k] * one[o][i];
        }
      }
    }
    return sum;
  }

  /** How far two matrices are apart, as a share of the first one's norm. */
  public static double apart(double[][] expected, double[][] actual) {
    double squares = 0;
    double norm = 0;
    for (int o = 0; o < expected.length; o++) {
      for (int i = 0; i < expected[o].length; i++) {
        squares += Math.pow(expected[o][i] - actual[o][i], 2);
        norm += Math.pow(expected[o][i], 2);
      }
    }
    return Math.sqrt(squares / norm);
  }
}
