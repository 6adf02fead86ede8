package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.guard.Watch;
import fedllm.api.optimizer.Descent;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import fedllm.api.protocol.Event;
import fedllm.api.protocol.RoundProtocol;
import fedllm.api.strategy.Part;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each contract finds the plugin that breaks it: a test that cannot fail is none. */
class ContractsTest {

  /** What a codec does to a block that it encodes. */
  private interface Mischief {
    void on(float[] values, int count, int call);
  }

  /** Sends floats as they are, after some mischief. */
  private static class Raw implements Codec {
    private final Mischief mischief;
    private int calls;

    Raw(Mischief mischief) {
      this.mischief = mischief;
    }

    @Override
    public Encoder encoder(Options options, Scope scope) {
      return new Encoder() {
        @Override
        public int maxSideBytes(int count) {
          return 4 * count;
        }

        @Override
        public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
          mischief.on(values, count, calls++);
          for (int i = 0; i < count; i++) {
            side.putFloat(values[i]);
          }
          return 0;
        }
      };
    }

    @Override
    public Decoder decoder(Options options) {
      return (side, values, kept, count) -> {
        for (int i = 0; i < count; i++) {
          values[i] = side.getFloat();
        }
      };
    }
  }

  /** Says that it loses nothing. */
  @Plugin(name = "lossless", does = "raw floats", is = Trait.LOSSLESS)
  private static final class Lossless extends Raw {
    Lossless(Mischief mischief) {
      super(mischief);
    }
  }

  @Test
  void codecThatKeepsTheContractPasses() throws IOException {
    CodecContract contract = () -> new Lossless((values, count, call) -> {});
    contract.decodesFiniteValuesToFiniteValues();
    contract.decodesToWhatWasEncodedIfItSaysSo();
    contract.encodesTheSameToTheSameBytes();
    contract.goesOnAfterASnapshotAsIfNothingHadHappened();
    contract.brokenBytesDoNoMoreThanThrow();
  }

  @Test
  void codecMayNotMakeUpInfinity() {
    CodecContract contract = () -> new Raw((values, count, call) -> values[0] = 1 / 0f);
    assertThrows(AssertionError.class, contract::decodesFiniteValuesToFiniteValues);
  }

  @Test
  void losslessCodecMayNotRound() {
    Mischief rounds = (values, count, call) -> values[0] = Math.round(values[0]);
    CodecContract lossy = () -> new Raw(rounds);
    lossy.decodesToWhatWasEncodedIfItSaysSo();
    CodecContract contract = () -> new Lossless(rounds);
    assertThrows(AssertionError.class, contract::decodesToWhatWasEncodedIfItSaysSo);
  }

  @Test
  void codecMayNotCountItsCallsInSecret() {
    Raw counts = new Raw((values, count, call) -> values[0] = call);
    CodecContract contract = () -> counts;
    assertThrows(AssertionError.class, contract::encodesTheSameToTheSameBytes);
    assertThrows(AssertionError.class, contract::goesOnAfterASnapshotAsIfNothingHadHappened);
  }

  @Test
  void codecMayNotTouchWhatLiesBeyondTheBlock() {
    CodecContract contract = () -> new Raw((values, count, call) -> values[count] = 0);
    assertThrows(AssertionError.class, contract::decodesFiniteValuesToFiniteValues);
  }

  @Test
  void statefulWorkerMustSaySo() {
    final class Forgets implements Descent, Stateful {
      @Override
      public void step(Unit unit, float[] global, float[] update, float[] next) {}

      @Override
      public void snapshot(DataOutput out) {}

      @Override
      public void restore(DataInput in) {}
    }
    OptimizerContract contract = () -> (options, scope) -> new Forgets();
    assertThrows(AssertionError.class, contract::goesOnAfterASnapshotAsIfNothingHadHappened);
  }

  @Test
  void optimizerMayNotChangeTheGlobalState() {
    OptimizerContract contract =
        () -> (options, scope) -> (unit, global, update, next) -> global[0]++;
    assertThrows(AssertionError.class, contract::leavesItsInputsAloneAndGivesFiniteValues);
  }

  @Test
  void aggregationMustAverageToWhatAllAgreeOn() {
    AggregationContract sum =
        () ->
            (options, round) ->
                (unit, parts, out) -> {
                  for (Part part : parts) {
                    out.add(1, part.values());
                  }
                };
    assertThrows(AssertionError.class, sum::keepsWhatAllMembersAgreeOn);
    AggregationContract twice =
        () ->
            (options, round) ->
                (unit, parts, out) -> {
                  parts.forEach(part -> out.add(1, part.values()));
                  parts.forEach(part -> out.add(1, part.values()));
                };
    assertThrows(IllegalStateException.class, twice::givesFiniteValues);
  }

  @Test
  void guardMayNotRememberInSecret() {
    int[] messages = new int[1];
    GuardContract contract =
        () ->
            (options, scope) ->
                new Watch() {
                  @Override
                  public void pass(Unit unit, float[] values) {
                    values[0] += messages[0]++;
                  }
                };
    assertThrows(AssertionError.class, contract::sameMessagePassesTheSame);
  }

  @Test
  void plannerMayNotAskTwiceNorStrangers() {
    Assignment stranger = new Assignment("stranger", Set.of(Task.TRAIN), Map.of());
    Assignment bank = new Assignment("bank", Set.of(Task.TRAIN), Map.of());
    for (List<Assignment> plan :
        List.<List<Assignment>>of(List.of(stranger), List.of(bank, bank), List.of())) {
      PlannerContract contract = () -> (options, scope) -> (round, present) -> plan;
      assertThrows(
          AssertionError.class, contract::asksClientsThatAreThereAndEachOnce, plan::toString);
    }
  }

  @Test
  void plannerMayNotTrainOnTheLastState() {
    PlannerContract good =
        () ->
            (options, scope) ->
                (round, present) ->
                    List.of(
                        new Assignment("bank", Set.of(Task.TRAIN, Task.EVALUATE), Map.of()),
                        new Assignment("school", Set.of(Task.TRAIN), Map.of()));
    good.asksForTheLastStateToBeMeasuredByClientsThatAreThere();
    PlannerContract contract = () -> (options, scope) -> new TrainsOn();
    assertThrows(
        AssertionError.class, contract::asksForTheLastStateToBeMeasuredByClientsThatAreThere);
  }

  /** Does not know when a run is over. */
  private static final class TrainsOn implements Planning {
    @Override
    public List<Assignment> plan(int round, List<String> present) {
      return List.of(new Assignment("bank", Set.of(Task.TRAIN), Map.of()));
    }

    @Override
    public List<Assignment> last(List<String> present) {
      return plan(1, present);
    }
  }

  @Test
  void protocolMustFinish() {
    RoundProtocol endless =
        (options, scope) ->
            (event, conductor) -> {
              if (event instanceof Event.Started) {
                conductor.open(1);
              }
            };
    ProtocolContract contract = () -> endless;
    assertThrows(AssertionError.class, contract::undisturbedRunFinishesOnce);
  }

  /** Options with a range and words. */
  private @interface Config {
    @Range(above = 0, max = 1)
    double share() default 0.5;

    @OneOf({"up", "down"})
    String way() default "up";

    String[] names() default {};
  }

  @Test
  void testOptionsConvertAndCheck() {
    Config config =
        TestOptions.of(Config.class, Map.of("share", 1, "names", List.of("a"))).as(Config.class);
    assertEquals(1.0, config.share());
    assertEquals("up", config.way());
    assertEquals("a", config.names()[0]);
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(
            Map.of("share", 0), Map.of("way", "left"), Map.of("shore", 1), Map.of("share", "x"))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> TestOptions.of(Config.class, wrong),
          wrong::toString);
    }
  }
}
