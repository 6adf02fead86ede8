package fedllm.evaluators.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.measure.HeldOut;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.bert.Bert;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccuracyTest {

  private static final String BERT =
      """
      {"model_type": "bert", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
       "num_attention_heads": 2, "vocab_size": 23, "max_position_embeddings": 34}
      """;

  /** Of different lengths. */
  private static final List<Example> TEXTS =
      IntStream.range(3, 24)
          .mapToObj(n -> IntStream.range(0, n).map(i -> (i * 7 + n * 3) % 23).toArray())
          .<Example>map(Example.Tokens::new)
          .toList();

  @TempDir Path folder;

  @Test
  void isTheShareOfTextsWhoseLikeliestClassIsTheirs() throws IOException {
    Head head = new Head(Head.Kind.SEQUENCE_CLASSES, 3);
    agrees(new Bert(), BERT, head);
  }

  @Test
  void isTheShareOfTokensWhoseLikeliestClassIsTheirs() throws IOException {
    agrees(new Bert(), BERT, new Head(Head.Kind.TOKEN_CLASSES, 4));
  }

  @Test
  void leavesTokensToOthers() throws IOException {
    SitsOut out =
        assertThrows(
            SitsOut.class,
            () -> measure(new Bases(List.of()), folder, new Mod(Head.TOKENS), TEXTS));
    assertTrue(out.getMessage().contains("token-accuracy"), out.getMessage());
  }

  @Test
  void saysThatNothingIsHeldOut() throws IOException {
    Head head = new Head(Head.Kind.SEQUENCE_CLASSES, 3);
    Path model = new RandomModel(new Bert(), BERT, head, folder).write(folder.resolve("model"));
    assertThrows(
        SitsOut.class,
        () -> measure(new Bases(List.of(new Bert())), model, new Mod(head), List.of()));
  }

  private void agrees(ModelFamily family, String config, Head head) throws IOException {
    Path path = new RandomModel(family, config, head, folder).write(folder.resolve("model"));
    Bases bases = new Bases(List.of(family));
    Mod objective = new Mod(head);
    Map<String, Double> metrics = measure(bases, path, objective, TEXTS);
    Confusion confusion = new Confusion();
    double nats = 0;
    try (LanguageModel model = new LanguageModel(bases.open(path, head), Adapter.NONE);
        NDManager owner = model.newManager()) {
      var none = model.list(owner, "p", new Tensors(new Schema(List.of())));
      for (Example example : TEXTS) {
        Row row = objective.row(example);
        float[] logits = model.outputs(Batch.of(List.of(row)), none);
        int classes = logits.length / row.labels().length;
        for (int i = 0; i < row.labels().length; i++) {
          if (row.labels()[i] != Batch.NONE) {
            confusion.add(row.labels()[i], likeliest(logits, i * classes, classes));
          }
        }
        nats += model.score(Batch.of(List.of(row)), none);
      }
    }
    assertEquals(
        Set.of("accuracy", "accuracyLoss", "accuracyLabels", "accuracyMacroF1"), metrics.keySet());
    assertEquals((double) confusion.all(), metrics.get("accuracyLabels"));
    assertEquals(confusion.accuracy(), metrics.get("accuracy"), 1e-12);
    assertEquals(nats / confusion.all(), metrics.get("accuracyLoss"), 1e-5);
    assertEquals(confusion.macroF1(), metrics.get("accuracyMacroF1"), 1e-12);
  }

  private static long likeliest(float[] logits, int from, int classes) {
    int best = 0;
    for (int i = 1; i < classes; i++) {
      if (logits[from + i] > logits[from + best]) {
        best = i;
      }
    }
    return best;
  }

  private static Map<String, Double> measure(
      Bases bases, Path model, Mod objective, List<Example> heldOut) {
    Options options =
        TestOptions.of(HeldOut.Config.class, Map.of("batch", 4, "sequence", 32))
            .with("objective", objective, TestOptions.none());
    try (Evaluation evaluation = new Accuracy(bases).open(options, new Silo(model, heldOut))) {
      return evaluation.evaluate(
          new Work(1, Map.of(), (what, done, of) -> {}), new Tensors(new Schema(List.of())));
    }
  }

  /** Tells what an id is by its remainder; every third token has no label. */
  private record Mod(Head kind) implements Objective {

    @Override
    public Head head(Options options) {
      return kind;
    }

    Row row(Example example) {
      int[] ids = ((Example.Tokens) example).ids();
      return switch (kind.kind()) {
        case SEQUENCE_CLASSES -> new Row(ids, new int[] {ids[0] % kind.classes()});
        case TOKENS -> throw new AssertionError("asked for");
        case TOKEN_CLASSES ->
            new Row(
                ids,
                Arrays.stream(ids)
                    .map(id -> id % 3 == 0 ? (int) Batch.NONE : id % kind.classes())
                    .toArray());
      };
    }

    @Override
    public Goal open(Options options, Reading reading) {
      return new Goal() {
        @Override
        public List<Row> rows(Example example, long number) {
          return List.of(row(example));
        }

        @Override
        public String loss() {
          return "";
        }
      };
    }
  }

  private record Silo(Path base, List<Example> examples) implements Site {

    @Override
    public Scope scope() {
      return new Scope("run", "bank", 1);
    }

    @Override
    public Data data() {
      return new Data() {
        @Override
        public Stream<Example> train() {
          return Stream.of();
        }

        @Override
        public Stream<Example> heldOut() {
          return examples.stream();
        }
      };
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      PeftMethod none = (options, model) -> Adapter.NONE;
      return new Choice<>(contract.cast(none), TestOptions.none());
    }
  }
}
