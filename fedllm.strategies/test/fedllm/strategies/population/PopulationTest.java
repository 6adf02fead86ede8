package fedllm.strategies.population;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.Ends;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.cmaes.SearchState;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PopulationTest implements AggregationContract {

  private static final Schema STATE = search(2, 3);

  private final Population population = new Population();

  private static Schema search(int dimension, int solutions) {
    List<Tensor> tensors = new ArrayList<>(new SearchState(dimension, solutions).tensors());
    tensors.add(new Tensor("seeds", "sums", List.of((long) dimension)));
    return new Schema(tensors);
  }

  @Override
  public AggregationStrategy strategy() {
    return population;
  }

  @Override
  public Schema state() {
    return STATE;
  }

  @Override
  public Schema update() {
    return population.update(TestOptions.none(), STATE, Map.of());
  }

  @Override
  public Schema combined(Round round) {
    return population.combined(TestOptions.none(), round);
  }

  @Override
  public boolean keepsWhatAllAgreeOn() {
    return false; // it keeps what each says
  }

  @Test
  void anUpdateIsSolutionsInAsManyDimensionsAsTheStateHas() {
    assertEquals(
        List.of(
            new Tensor("fedllm.search", "solutions", List.of(3L, 2L)),
            new Tensor("fedllm.search", "losses", List.of(3L)),
            new Tensor("fedllm.search", "spread", List.of(2L))),
        update().tensors());
  }

  @Test
  void standsSideBySideInClientOrder() {
    List<Member> members = List.of(new Member("a", 5), new Member("b", 1));
    Round round = new Round(1, members, Collections.nCopies(2, update()), STATE, Samples.SCOPE);
    List<Unit> units = population.combined(TestOptions.none(), round).modules();
    assertEquals(List.of("fedllm.search", "seeds"), units.stream().map(Unit::module).toList());
    Aggregation aggregation = population.open(TestOptions.none(), round);
    Block out = new Block();
    out.reset(units.get(0).length());
    aggregation.fold(units.get(0), parts(members), out);
    float[] found = new float[out.length()];
    out.copyTo(found);
    assertArrayEquals(
        new float[] {
          1,
          2,
          3,
          4,
          5,
          6,
          101,
          102,
          103,
          104,
          105,
          106, // solutions
          7,
          8,
          9,
          107,
          108,
          109, // losses
          10,
          11,
          110,
          111 // spread
        },
        found);
  }

  private List<Part> parts(List<Member> members) {
    List<Part> parts = new ArrayList<>();
    for (int k = 0; k < members.size(); k++) {
      float[] sent = new float[15]; // longer than what was sent
      for (int i = 0; i < 11; i++) {
        sent[i] = 100 * k + i + 1;
      }
      parts.add(new OnePart(members.get(k), update().tensors(), sent));
    }
    return parts;
  }

  @Test
  void refusesAStateThatIsNoSearch() {
    Ends ends =
        assertThrows(
            Ends.class, () -> population.update(TestOptions.none(), Samples.SCHEMA, Map.of()));
    assertEquals(
        "the global state has no fedllm.search.best, and strategy population goes with trainer"
            + " fedbpt",
        ends.getMessage());
  }
}
