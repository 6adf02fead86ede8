package fedllm.trainers.causallm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.model.Site;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.PlainLoss;
import fedllm.testkit.learning.RandomModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalLmTest {

  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 23, "tie_word_embeddings": true, "max_position_embeddings": 512}
      """;

  @TempDir Path folder;

  private final Bases bases = new Bases(List.of(new Llama()));

  @BeforeEach
  void write() throws Exception {
    new RandomModel(new Llama(), CONFIG, Head.TOKENS, folder).write(folder.resolve("model"));
  }

  @ParameterizedTest
  @CsvSource({"1, false", "100, false", "128, false", "129, false", "300, false", "300, true"})
  void isTorchsCrossEntropyHoweverManyRowsThereAre(int length, boolean trainsTheHead) {
    int[] ids = IntStream.range(0, length).map(i -> 1 + i * 7 % 22).toArray();
    int[] labels =
        IntStream.range(0, length)
            .map(i -> i % 3 == 1 ? (int) Batch.NONE : (i * 5 + 1) % 23)
            .toArray();
    Batch batch = Batch.of(List.of(new Row(ids, labels), new Row(ids, labels)));
    List<float[]> theirs = gradient(new PlainLoss(Head.Kind.TOKENS), batch, trainsTheHead);
    List<float[]> ours = gradient(goal(), batch, trainsTheHead);
    assertEquals(theirs.get(0)[0], ours.get(0)[0], 1e-5);
    for (int i = 1; i < theirs.size(); i++) {
      assertArrayEquals(theirs.get(i), ours.get(i), 1e-5f);
    }
  }

  @Test
  void isZeroAndFlatWhereNothingIsLabelled() {
    Batch batch = Batch.of(List.of(new Row(new int[] {3}, new int[] {(int) Batch.NONE})));
    for (float[] values : gradient(goal(), batch, false)) {
      assertArrayEquals(new float[values.length], values, 0);
    }
  }

  private Objective.Goal goal() {
    try (Base base = bases.open(folder.resolve("model"))) {
      return new CausalLm().open(TestOptions.none(), new Reading(base, 32, false));
    }
  }

  private List<float[]> gradient(Objective.Goal goal, Batch batch, boolean trainsTheHead) {
    Base base = bases.open(folder.resolve("model"));
    Stream<Graft> grafts =
        Everywhere.of(base.architecture()).grafts().stream()
            .filter(graft -> trainsTheHead || graft.at().kind() != Site.Kind.LOGITS);
    Adapter adapter = new Adapter(grafts.toList(), Map.of());
    try (LanguageModel model = new LanguageModel(base, adapter, Gradient.of(goal));
        NDManager step = model.newManager()) {
      Tensors values = model.initial(1);
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      return model.call(step, "gradient", true, batch, p, start).stream()
          .map(NDArray::toFloatArray)
          .toList();
    }
  }
}
