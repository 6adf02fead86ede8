package fedllm.strategies.cuts;

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
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The contract goes by the adapter's tensors, the rest by what crosses the cuts. */
class CutsTest implements AggregationContract {

  private static final Tensor EMBEDDING = new Tensor("bert.embeddings", "l", List.of(2L));
  private static final Tensor LAYER = new Tensor("bert.encoder.layer.0.dense", "l", List.of(3L));

  /** Of batches of two texts of three tokens, four wide. */
  private static final Schema STATE = state("row.nobody");

  @Override
  public AggregationStrategy strategy() {
    return new Cuts();
  }

  private static Schema state(String... rows) {
    long n = rows.length;
    List<Tensor> tensors = new ArrayList<>(List.of(EMBEDDING, LAYER));
    for (String module : List.of(Cuts.LOWER, Cuts.UPPER, Cuts.ENDS)) {
      Arrays.stream(rows).forEach(row -> tensors.add(new Tensor(module, row, List.of(1L))));
      if (module.equals(Cuts.LOWER)) {
        tensors.add(new Tensor(module, "lengths", List.of(n, 2L)));
      }
      if (!module.equals(Cuts.ENDS)) {
        tensors.add(new Tensor(module, "stream", List.of(n, 2L, 3L, 4L)));
      }
    }
    return new Schema(tensors);
  }

  private static Schema update(Schema state, String phase, String client) {
    Map<String, Object> settings =
        Map.of("phase", phase, "client", client, "trunk", client.equals("trunk"));
    return new Cuts().update(TestOptions.none(), state, settings);
  }

  /** What members' updates make, each all of one number. */
  private static Tensors combine(Schema state, List<String> clients, List<Schema> updates) {
    List<Member> members = clients.stream().map(c -> new Member(c, c.length())).toList();
    Round round = new Round(1, members, updates, state, Samples.SCOPE);
    Tensors combined = new Tensors(new Cuts().combined(TestOptions.none(), round));
    Aggregation aggregation = new Cuts().open(TestOptions.none(), round);
    Block out = new Block();
    for (Unit module : combined.schema().modules()) {
      List<Part> parts = new ArrayList<>();
      for (int k = 0; k < clients.size(); k++) {
        List<Tensor> own = updates.get(k).only(module.module()::equals).tensors();
        float[] values = new float[own.stream().mapToInt(t -> (int) t.size()).sum()];
        Arrays.fill(values, k + 1);
        parts.add(new OnePart(members.get(k), own, values));
      }
      out.reset(module.length());
      aggregation.fold(module, parts, out);
      float[] values = new float[module.length()];
      out.copyTo(values);
      int at = 0;
      for (Tensor tensor : module.tensors()) {
        float[] to = combined.values(tensor.name());
        System.arraycopy(values, at, to, 0, to.length);
        at += to.length;
      }
    }
    return combined;
  }

  @Test
  void streamsOfClientsAreStackedByTheirNames() {
    Tensors lower =
        combine(
            STATE,
            List.of("ann", "bo"),
            List.of(update(STATE, "below", "ann"), update(STATE, "below", "bo")));
    assertEquals(
        "[fedllm.cut.lower.row.ann[1], fedllm.cut.lower.row.bo[1],"
            + " fedllm.cut.lower.lengths[2, 2], fedllm.cut.lower.stream[2, 2, 3, 4]]",
        lower.schema().toString());
    assertArrayEquals(new float[] {1, 1, 2, 2}, lower.values("fedllm.cut.lower.lengths"));
    float[] stream = new float[48];
    Arrays.fill(stream, 0, 24, 1);
    Arrays.fill(stream, 24, 48, 2);
    assertArrayEquals(stream, lower.values("fedllm.cut.lower.stream"));
  }

  @Test
  void theTrunkAnswersForThoseWhoseStreamsItGot() {
    Schema state = state("row.ann", "row.bo");
    assertEquals(
        state.only(Cuts.UPPER::equals).tensors(), update(state, "trunk", "trunk").tensors());
    assertEquals(
        state.only(Cuts.LOWER::equals).tensors(), update(state, "layers", "trunk").tensors());
    Tensors upper = combine(state, List.of("trunk"), List.of(update(state, "trunk", "trunk")));
    assertEquals(state.only(Cuts.UPPER::equals), upper.schema());
    assertEquals(48, upper.values("fedllm.cut.upper.stream").length);
    assertEquals(1, upper.values("fedllm.cut.upper.stream")[47]);
  }

  @Test
  void endsAreAveragedByExamplesAndLayersAreTheTrunks() {
    List<String> clients = List.of("ann", "bo", "trunk");
    List<Schema> updates = clients.stream().map(c -> update(STATE, "share", c)).toList();
    assertEquals(List.of(EMBEDDING), updates.get(0).tensors());
    assertEquals(List.of(LAYER), updates.get(2).tensors());
    Tensors shared = combine(STATE, clients, updates);
    assertArrayEquals(new float[] {1.4f, 1.4f}, shared.values(EMBEDDING.name())); // 3 and 2 letters
    assertArrayEquals(new float[] {3, 3, 3}, shared.values(LAYER.name()));
  }

  @Test
  void nobodyWritesAnotherOnesRow() {
    assertEquals("row.ann", update(STATE, "head", "ann").tensors().get(0).parameter());
    assertEquals("row.bo", update(STATE, "head", "bo").tensors().get(0).parameter());
    assertEquals(1, update(STATE, "back", "bo").size());
  }

  @Test
  void ordersAndStatesOfOthersAreRefused() {
    assertThrows(Ends.class, () -> update(STATE, "sideways", "ann"));
    assertThrows(Ends.class, () -> update(Samples.SCHEMA, "below", "ann"));
  }
}
