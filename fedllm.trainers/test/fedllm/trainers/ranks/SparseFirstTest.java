package fedllm.trainers.ranks;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Sparse;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.peft.full.Full;
import fedllm.peft.lora.Lora;
import fedllm.peft.slora.SLora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.causallm.CausalLm;
import fedllm.trainers.sgd.Sgd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that trains a few weights first, and then LoRA. */
class SparseFirstTest {

  private static final Work WORK = new Work(1, Map.of(), QUIET);
  private static final List<String> TARGETS = List.of("q_proj", "down_proj");

  @TempDir Path folder;
  private SmallClient client;

  @BeforeEach
  void base() throws IOException {
    client = new SmallClient(folder);
  }

  private static Options lora() {
    return TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", TARGETS));
  }

  private static Options slora(double density, int seed) {
    return TestOptions.of(SLora.Config.class, Map.of("density", density, "maskSeed", seed))
        .with("of", new Lora(), lora());
  }

  private Training open(PeftMethod method, Options options) {
    Map<String, Object> values =
        Map.of("steps", 3, "batch", 4, "sequence", 16, "learningRate", 0.01);
    return new AdamW(client.bases())
        .open(
            TestOptions.ofPlugin(AdamW.class, values)
                .with("objective", new CausalLm(), TestOptions.none()),
            new Place(
                folder,
                new Scope("run", "bank", 1),
                SmallClient.examples("bank", 12),
                List.of(),
                new Choice<>(method, options)));
  }

  @Test
  void sendsTheValuesOfAFewWeightsAlone() {
    try (Training training = open(new SLora(), slora(0.05, 7))) {
      Tensors start = training.initial().tensors();
      Learned learned = training.train(WORK, start);
      assertEquals(start.schema(), learned.update().schema());
      long weights = 0;
      for (Tensor tensor : start.schema().tensors()) {
        Sparse matrix = Sparse.of(tensor).orElseThrow();
        weights += (long) matrix.out() * matrix.in();
        assertEquals("lora(rank=4,scale=4.0)", matrix.name());
        assertEquals(7, matrix.seed());
      }
      assertEquals(0.05, (double) start.schema().size() / weights, 0.001);
      for (int t = 0; t < start.schema().tensors().size(); t++) {
        assertTrue(SmallClient.norm(learned.update()) > 0);
        assertEquals(0, start.values(t)[0], "what was broadcast is left as it was");
      }
    }
  }

  private Training bySgd(PeftMethod method, Options options) {
    Map<String, Object> values =
        Map.of("steps", 3, "batch", 4, "sequence", 16, "learningRate", 0.1);
    return new Sgd(client.bases())
        .open(
            TestOptions.ofPlugin(Sgd.class, values)
                .with("objective", new CausalLm(), TestOptions.none()),
            new Place(
                folder,
                new Scope("run", "bank", 1),
                SmallClient.examples("bank", 12),
                List.of(),
                new Choice<>(method, options)));
  }

  /** With a mask of all weights the first stage is full fine-tuning, by its own values. */
  @Test
  void ofAllWeightsTrainsAsFullFineTuningDoes() {
    Options all = slora(1, 7);
    Options full = TestOptions.of(Full.Config.class, Map.of("targets", TARGETS));
    try (Training some = bySgd(new SLora(), all);
        Training whole = bySgd(new Full(), full)) {
      Learned one = some.train(WORK, some.initial().tensors());
      Learned other = whole.train(WORK, whole.initial().tensors());
      assertEquals(one.metrics().get("loss.first"), other.metrics().get("loss.first"), 1e-5);
      for (int t = 0; t < 4; t++) {
        Tensor tensor = one.update().schema().tensors().get(t);
        float[] expected = other.update().values(tensor.module() + ".weight");
        float[] actual = one.update().values(t);
        assertArrayEquals(expected, actual, 1e-5f, tensor.toString());
      }
    }
  }

  @Test
  void goesOnAsLoraDoesOnceTheStateHasFactors() {
    try (Training both = open(new SLora(), slora(0.05, 7));
        Training plain = open(new Lora(), lora())) {
      both.train(WORK, both.initial().tensors());
      Tensors factors = plain.initial().tensors();
      Work second = new Work(2, Map.of(), QUIET);
      assertSame(plain.train(second, factors).update(), both.train(second, factors).update());
      assertSame(factors, plain.view(second, factors));
    }
  }

  @Test
  void isMeasuredInBothStagesByOneModel() throws IOException {
    Base base = client.bases().open(folder);
    Options options = slora(0.05, 7);
    Adapter measured = new SLora().open(options, base.architecture());
    try (Training training = open(new SLora(), options);
        LanguageModel model = new LanguageModel(base, measured);
        LanguageModel lora =
            new LanguageModel(
                client.bases().open(folder), new Lora().open(lora(), base.architecture()));
        NDManager owner = model.newManager()) {
      Tensors start = training.initial().tensors();
      double before = likelihood(model, owner, training.view(WORK, start));
      Tensors moved = start.copy();
      for (int t = 0; t < moved.schema().tensors().size(); t++) {
        Arrays.fill(moved.values(t), 0.1f);
      }
      assertNotEquals(before, likelihood(model, owner, training.view(WORK, moved)), 1e-4);
      Tensors factors = lora.initial(3);
      for (int t = 0; t < factors.schema().tensors().size(); t++) {
        factors.values(t)[0] += 0.3f;
      }
      assertEquals(
          likelihood(lora, owner, factors),
          likelihood(model, owner, training.view(WORK, factors)),
          1e-5);
    }
  }

  private static double likelihood(LanguageModel model, NDManager owner, Tensors values) {
    Row row = Row.next(new int[] {3, 4, 5, 6, 7, 8, 9}, 1);
    return model.likelihoods(Batch.of(List.of(row)), model.list(owner, "p", values))[0];
  }

  @Test
  void refusesAMaskOfAnotherSeed() {
    try (Training mine = open(new SLora(), slora(0.05, 7));
        Training theirs = open(new SLora(), slora(0.05, 8))) {
      Tensors start = theirs.initial().tensors();
      SitsOut other = assertThrows(SitsOut.class, () -> mine.train(WORK, start));
      assertTrue(other.getMessage().contains("maskSeed"), other.getMessage());
    }
  }

  @Test
  void placesOutsideTheMaskStayAsTheyWere() {
    try (Training training = open(new SLora(), slora(0.05, 7))) {
      Tensors start = training.initial().tensors();
      Tensors view = training.view(WORK, start);
      Schema schema = view.schema();
      Tensor values = start.schema().tensors().get(0);
      Sparse matrix = Sparse.of(values).orElseThrow();
      int[] places = matrix.places(values.module(), (int) values.size());
      float[] rows = view.values(values.name() + ".rows");
      float[] columns = view.values(values.name() + ".columns");
      int[] found = new int[places.length];
      Arrays.setAll(found, i -> ((int) rows[i]) * matrix.in() + (int) columns[i]);
      assertArrayEquals(places, found);
      assertEquals(places.length, schema.tensors().get(0).size());
    }
  }
}
