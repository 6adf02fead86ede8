package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every aggregation strategy promises. */
public interface AggregationContract {

  /** The plugin. */
  AggregationStrategy strategy();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  /** Whether equal updates combine to that very update. */
  default boolean keepsWhatAllAgreeOn() {
    return true;
  }

  /** Strategies that work by module get whole modules. */
  private List<Unit> units() {
    if (strategy().units() == Units.COLUMNS) {
      return Samples.blocks(Samples.SCHEMA);
    }
    List<Unit> modules = new ArrayList<>();
    List<Tensor> module = new ArrayList<>();
    for (Tensor tensor : Samples.SCHEMA.tensors()) {
      if (!module.isEmpty() && !module.get(0).module().equals(tensor.module())) {
        modules.add(module(module));
        module.clear();
      }
      module.add(tensor);
    }
    modules.add(module(module));
    return modules;
  }

  private static Unit module(List<Tensor> tensors) {
    return new Unit(tensors, 0, (int) tensors.stream().mapToLong(Tensor::size).sum());
  }

  /** So many, or as many more as the strategy needs. */
  private List<Member> members(int least) {
    int count = least;
    while (!admits(count)) {
      if (++count > 1000) {
        throw new AssertionError("neither " + least + " nor 1,000 members are enough");
      }
    }
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(new Member("silo-" + i, 10 + 7L * i));
    }
    return members;
  }

  private boolean admits(int members) {
    try {
      strategy().admit(options(), members);
      return true;
    } catch (Refused e) {
      return false;
    }
  }

  private static float[] values(Member member, Unit unit, int unitIndex) {
    return Samples.normal(unit.length(), member.client().hashCode() * 31L + unitIndex);
  }

  /** The combination of each unit. */
  private List<float[]> combine(List<Member> members, boolean agree) {
    List<Unit> units = units();
    Round round = new Round(3, members, Samples.SCHEMA, Samples.SCOPE);
    Aggregation aggregation = strategy().open(options(), round);
    if (aggregation.surveys()) {
      for (int u = 0; u < units.size(); u++) {
        aggregation.survey(units.get(u), parts(members, units.get(u), u, agree));
      }
    }
    List<float[]> results = new ArrayList<>();
    Block out = new Block();
    for (int u = 0; u < units.size(); u++) {
      out.reset(units.get(u).length());
      aggregation.fold(units.get(u), parts(members, units.get(u), u, agree), out);
      assertEquals(units.get(u).length(), out.length());
      float[] result = new float[out.length()];
      out.copyTo(result);
      results.add(result);
    }
    return results;
  }

  /** Iterable once, each in a buffer that is longer than the unit. */
  private static Iterable<Part> parts(
      List<Member> members, Unit unit, int unitIndex, boolean agree) {
    boolean[] read = new boolean[1];
    return () -> {
      if (read[0]) {
        throw new IllegalStateException("the parts can be read once");
      }
      read[0] = true;
      return members.stream().map(m -> part(m, members, unit, unitIndex, agree)).iterator();
    };
  }

  private static Part part(
      Member member, List<Member> members, Unit unit, int unitIndex, boolean agree) {
    float[] values = values(agree ? members.get(0) : member, unit, unitIndex);
    float[] buffer = new float[unit.length() + 5];
    Arrays.fill(buffer, Float.NaN);
    System.arraycopy(values, 0, buffer, 0, values.length);
    return new OnePart(member, unit.tensors(), buffer);
  }

  /** A part for a test. */
  record OnePart(Member member, List<Tensor> tensors, float[] values) implements Part {}

  @Test
  default void combinesTheSameUpdatesToTheSameBytes() {
    List<float[]> one = combine(members(5), false);
    List<float[]> other = combine(members(5), false);
    for (int u = 0; u < one.size(); u++) {
      assertArrayEquals(one.get(u), other.get(u));
    }
  }

  @Test
  default void givesFiniteValues() {
    for (float[] result : combine(members(4), false)) {
      Samples.assertFinite(result);
    }
  }

  @Test
  default void keepsWhatAllMembersAgreeOn() {
    if (!keepsWhatAllAgreeOn()) {
      return;
    }
    for (int count : new int[] {1, 2, 3, 7}) {
      List<Member> members = members(count);
      List<float[]> results = combine(members, true);
      for (int u = 0; u < results.size(); u++) {
        assertArrayEquals(values(members.get(0), units().get(u), u), results.get(u));
      }
    }
  }
}
