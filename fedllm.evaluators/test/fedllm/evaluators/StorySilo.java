package fedllm.evaluators;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Measures the bare {@code stories260k} on examples; without it tests are left out. */
public record StorySilo(Bases bases, Path base, List<Example> examples) implements Site {

  /** Of these examples. */
  public static StorySilo of(Example... examples) {
    return at(stories(), examples);
  }

  /** Of these examples, measured on the model in another folder. */
  public static StorySilo at(Path base, Example... examples) {
    return new StorySilo(new Bases(List.of(new Llama())), base, List.of(examples));
  }

  /** The model's own folder. */
  public static Path stories() {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    Path base = Path.of(data, "stories260k");
    assumeTrue(Files.isDirectory(base), "there is no stories260k");
    return base;
  }

  /** What an evaluator says. */
  public Map<String, Double> measure(Evaluator evaluator, Map<String, ?> options) {
    try (Evaluation evaluation =
        evaluator.open(TestOptions.ofPlugin(evaluator.getClass(), options), this)) {
      Tensors nothing = new Tensors(Adapter.NONE.schema());
      return evaluation.evaluate(new Work(1, Map.of(), (what, done, of) -> {}), nothing);
    }
  }

  /** The model itself; the caller closes it. */
  public LanguageModel model() {
    return new LanguageModel(bases.open(base(), Head.TOKENS), Adapter.NONE);
  }

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
    PeftMethod nothing = (options, architecture) -> Adapter.NONE;
    return new Choice<>(contract.cast(nothing), TestOptions.none());
  }
}
