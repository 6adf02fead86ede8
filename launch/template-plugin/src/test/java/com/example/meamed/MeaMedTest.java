package com.example.meamed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every strategy promises, from the test kit, and then what is special to this one. */
class MeaMedTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new MeaMed();
  }

  @Override
  public Options options() {
    return byzantine(1);
  }

  private static Options byzantine(int count) {
    return TestOptions.of(MeaMed.Config.class, Map.of("byzantine", count));
  }

  /** What updates of a few values make. */
  private static float[] combine(int byzantine, float[]... updates) {
    Schema schema = new Schema(List.of(new Tensor("m", "w", List.of((long) updates[0].length))));
    Unit unit = Unit.block(schema.tensors().get(0), 0);
    List<Member> members = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    for (float[] update : updates) {
      Member member = new Member("silo-" + members.size(), 1);
      members.add(member);
      parts.add(new OnePart(member, unit.tensors(), update));
    }
    Block out = new Block();
    out.reset(unit.length());
    new MeaMed()
        .open(byzantine(byzantine), new Round(1, members, schema, Samples.SCOPE))
        .fold(unit, parts, out);
    float[] result = new float[unit.length()];
    out.copyTo(result);
    return result;
  }

  @Test
  void leavesOutWhatIsFarthestFromTheMedianInEachCoordinate() {
    assertArrayEquals(
        new float[] {2, -2.5f},
        combine(1, new float[] {1, -2}, new float[] {3, -3}, new float[] {1e9f, 50}));
  }

  @Test
  void withoutLiarsItIsTheMean() {
    assertArrayEquals(new float[] {4}, combine(0, new float[] {1}, new float[] {2}, new float[] {9}));
  }

  @Test
  void refusesMoreLiarsThanHonestMembers() {
    assertThrows(Refused.class, () -> new MeaMed().admit(byzantine(2), 4));
  }
}
