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
import fedllm.api.tensor.Unit;
import fedllm.testkit.AggregationContract.OnePart;
import fedllm.testkit.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Combines some updates of one tensor, in units that are much smaller than a real round's. */
public final class Folding {

  private static final int UNIT = 700;

  private Folding() {}

  /** With one example each. */
  public static float[] of(AggregationStrategy strategy, Options options, float[]... updates) {
    long[] examples = new long[updates.length];
    Arrays.fill(examples, 1);
    return of(strategy, options, examples, updates);
  }

  /** With so many examples. */
  public static float[] of(
      AggregationStrategy strategy, Options options, long[] examples, float[]... updates) {
    return late(strategy, options, examples, new int[updates.length], updates);
  }

  /** So many rounds late. */
  public static float[] late(
      AggregationStrategy strategy,
      Options options,
      long[] examples,
      int[] late,
      float[][] updates) {
    int size = updates[0].length;
    Tensor tensor = new Tensor("m", "w", List.of((long) size));
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < updates.length; i++) {
      members.add(new Member("silo-" + i, examples[i], late[i]));
    }
    strategy.admit(options, members.size());
    Round round = new Round(1, members, new Schema(List.of(tensor)), Samples.SCOPE);
    Aggregation aggregation = strategy.open(options, round);
    float[] result = new float[size];
    Block out = new Block();
    for (boolean survey : new boolean[] {true, false}) {
      for (int at = 0; at < size; at += UNIT) {
        Unit unit = new Unit(List.of(tensor), at, Math.min(UNIT, size - at));
        List<Part> parts = parts(members, unit, updates);
        if (!survey) {
          out.reset(unit.length());
          aggregation.fold(unit, parts, out);
          float[] values = new float[unit.length()];
          out.copyTo(values);
          System.arraycopy(values, 0, result, at, values.length);
        } else if (aggregation.surveys()) {
          aggregation.survey(unit, parts);
        }
      }
    }
    return result;
  }

  private static List<Part> parts(List<Member> members, Unit unit, float[][] updates) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < updates.length; i++) {
      int from = (int) unit.offset();
      float[] values = Arrays.copyOfRange(updates[i], from, from + unit.length());
      parts.add(new OnePart(members.get(i), unit.tensors(), values));
    }
    return parts;
  }
}
