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
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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

  /** The global state's tensors. */
  default Schema state() {
    return Samples.SCHEMA;
  }

  /** What a member sends, where not tensors like the state's. */
  default Schema update() {
    return state();
  }

  /** What the strategy makes of it, where not tensors like a member's. */
  default Schema combined(Round round) {
    return update();
  }

  private Round round(List<Member> members) {
    return new Round(
        3, members, Collections.nCopies(members.size(), update()), state(), Samples.SCOPE);
  }

  /** Strategies that work by module get whole modules. */
  private List<Unit> units(Round round) {
    Schema combined = combined(round);
    return strategy().units() == Units.COLUMNS ? Samples.blocks(combined) : combined.modules();
  }

  /** What a member has of a unit. */
  private List<Tensor> own(Unit unit) {
    return strategy().units() == Units.COLUMNS
        ? unit.tensors()
        : update().only(module -> module.equals(unit.module())).tensors();
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

  private static float[] values(Member member, int length, int unitIndex) {
    return Samples.normal(length, member.client().hashCode() * 31L + unitIndex);
  }

  /** The combination of each unit. */
  private List<float[]> combine(List<Member> members, boolean agree) {
    Round round = round(members);
    List<Unit> units = units(round);
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
  private Iterable<Part> parts(List<Member> members, Unit unit, int unitIndex, boolean agree) {
    boolean[] read = new boolean[1];
    return () -> {
      if (read[0]) {
        throw new IllegalStateException("the parts can be read once");
      }
      read[0] = true;
      return members.stream().map(m -> part(m, members, unit, unitIndex, agree)).iterator();
    };
  }

  private Part part(Member member, List<Member> members, Unit unit, int unitIndex, boolean agree) {
    List<Tensor> own = own(unit);
    int length = own.equals(unit.tensors()) ? unit.length() : (int) new Schema(own).size();
    float[] values = values(agree ? members.get(0) : member, length, unitIndex);
    float[] buffer = new float[length + 5];
    Arrays.fill(buffer, Float.NaN);
    System.arraycopy(values, 0, buffer, 0, values.length);
    return new OnePart(member, own, buffer);
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
        int length = results.get(u).length;
        assertArrayEquals(values(members.get(0), length, u), results.get(u));
      }
    }
  }
}
