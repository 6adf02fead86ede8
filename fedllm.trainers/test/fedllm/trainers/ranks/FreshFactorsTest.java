package fedllm.trainers.ranks;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Role;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.peft.flora.Flora;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.causallm.CausalLm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that trains fresh factors beside the stack that is the state. */
class FreshFactorsTest {

  @TempDir Path folder;
  private SmallClient client;

  @BeforeEach
  void base() throws IOException {
    client = new SmallClient(folder);
  }

  private static Options flora() {
    return TestOptions.none()
        .with(
            "of",
            new Lora(),
            TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", List.of("*"))));
  }

  private Training open(String name) {
    Map<String, Object> values =
        Map.of("steps", 3, "batch", 4, "sequence", 16, "learningRate", 0.01, "weightDecay", 0.1);
    return new AdamW(client.bases())
        .open(
            TestOptions.ofPlugin(AdamW.class, values)
                .with("objective", new CausalLm(), TestOptions.none()),
            new Place(
                folder,
                new Scope("run", name, 1),
                SmallClient.examples("bank", 12),
                List.of(),
                new Choice<PeftMethod>(new Flora(), flora())));
  }

  private static Work work(int round, int rank) {
    return new Work(round, Map.of("rank", rank, Work.PAYLOAD, Work.VALUES), QUIET);
  }

  /** A state whose products have this rank and are not zero. */
  private static Tensors stack(Schema like, long rank) {
    List<Tensor> tensors = new ArrayList<>();
    for (Tensor tensor : like.tensors()) {
      boolean a = tensor.parameter().contains("lora_A");
      tensors.add(
          new Tensor(
              tensor.module(),
              tensor.parameter(),
              a ? List.of(rank, tensor.shape().get(1)) : List.of(tensor.shape().get(0), rank)));
    }
    Tensors stack = new Tensors(new Schema(tensors));
    for (int t = 0; t < tensors.size(); t++) {
      float[] values = stack.values(t);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * Math.sin(i * 1.7 + t));
      }
    }
    return stack;
  }

  @Test
  void beginsWithAStackOfOneRankThatIsZero() {
    try (Training training = open("bank")) {
      for (Tensor tensor : training.initial().tensors().schema().tensors()) {
        int axis = tensor.parameter().contains("lora_A") ? 0 : 1;
        assertEquals(1, tensor.shape().get(axis), tensor.toString());
      }
      for (float value : training.initial().tensors().values(1)) {
        assertEquals(0, value);
      }
    }
  }

  @Test
  void sendsFactorsOfItsOwnRankAndTouchesNoStack() {
    try (Training training = open("bank")) {
      Tensors stack = stack(training.initial().tensors().schema(), 7);
      Tensors before = stack.copy();
      Learned learned = training.train(work(2, 3), stack);
      assertSame(before, stack);
      assertTrue(learned.absolute());
      assertEquals(stack(stack.schema(), 3).schema(), learned.update().schema());
    }
  }

  @Test
  void startsEachRoundAnewAndTheSameAfterARestart() {
    try (Training training = open("bank");
        Training again = open("bank");
        Training other = open("school")) {
      Tensors stack = stack(training.initial().tensors().schema(), 7);
      Tensors second = training.train(work(2, 3), stack).update();
      assertSame(second, again.train(work(2, 3), stack).update());
      assertFalse(
          Arrays.equals(second.values(0), again.train(work(3, 3), stack).update().values(0)));
      assertFalse(
          Arrays.equals(second.values(0), other.train(work(2, 3), stack).update().values(0)));
    }
  }

  /** What the paper merges into the base, and then trains a zero product beside. */
  @Test
  void withFactorsThatAreFreshTheModelIsThatOfTheStack() throws IOException {
    Base base = client.bases().open(folder);
    Adapter opened = new Flora().open(flora(), base.architecture());
    Tensors stack = stack(opened.schema(), 7);
    Role role = new Flora().role(flora(), base.architecture(), stack.schema());
    Tensors held = role.hold(stack, work(2, 3), new Scope("run", "bank", 1));
    double[] expected = likelihoods(base, opened, stack);
    assertArrayEquals(
        expected, likelihoods(client.bases().open(folder), role.adapter(), held), 1e-5);
    double[] bare =
        likelihoods(client.bases().open(folder), Adapter.NONE, new Tensors(Adapter.NONE.schema()));
    assertTrue(Math.abs(bare[0] - expected[0]) > 1e-3, "the stack changes the model");
  }

  private static double[] likelihoods(Base base, Adapter adapter, Tensors values) {
    try (LanguageModel model = new LanguageModel(base, adapter);
        NDManager owner = model.newManager()) {
      Row row = Row.next(new int[] {3, 4, 5, 6, 7, 8, 9}, 1);
      return model.likelihoods(Batch.of(List.of(row)), model.list(owner, "p", values));
    }
  }

  @Test
  void measuresTheStackAlone() {
    try (Training training = open("bank")) {
      Tensors stack = stack(training.initial().tensors().schema(), 7);
      assertSame(stack, training.view(work(2, 3), stack));
    }
  }

  @Test
  void refusesToSayHowFarFactorsMovedThatAreNew() {
    try (Training training = open("bank")) {
      Tensors stack = training.initial().tensors();
      Work moved = new Work(1, Map.of("rank", 2), QUIET);
      assertThrows(SitsOut.class, () -> training.train(moved, stack));
    }
  }
}
