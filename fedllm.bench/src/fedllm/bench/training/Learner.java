package fedllm.bench.training;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.peft.PeftMethod;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.causallm.CausalLm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One client that trains by LoRA on random tokens, as a silo's would. */
final class Learner implements AutoCloseable {

  static final int ROWS = 4;
  static final int LENGTH = 256;

  private final Training training;
  private final Tensors start;
  private int round;

  /** A client of these bases. */
  Learner(Bases bases, Path model, String client, int steps, Map<String, ?> options) {
    Map<String, Object> all = new HashMap<>(Map.of("steps", steps, "batch", ROWS));
    all.put("sequence", LENGTH);
    all.putAll(options);
    Options chosen =
        TestOptions.ofPlugin(AdamW.class, all)
            .with("objective", new CausalLm(), TestOptions.none());
    training =
        new AdamW(bases).open(chosen, new Place(model, new Scope("bench", client, 3), texts()));
    start = training.initial().tensors();
  }

  /** Learns for one round. */
  void round() {
    training.train(new Work(++round, Map.of(), (what, done, of) -> {}), start);
  }

  private static List<Example> texts() {
    List<Example> texts = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      Philox random = Philox.of(1, t, "", 0, "texts");
      int[] ids = new int[LENGTH + 1];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = random.below(i, Shape.VOCABULARY);
      }
      texts.add(new Example.Tokens(ids));
    }
    return texts;
  }

  @Override
  public void close() {
    training.close();
  }

  /** A silo with these texts. */
  private record Place(Path base, Scope scope, List<Example> texts) implements Site {

    @Override
    public Data data() {
      return new Data() {
        @Override
        public Stream<Example> train() {
          return texts.stream();
        }

        @Override
        public Stream<Example> heldOut() {
          return Stream.of();
        }
      };
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      Options options = TestOptions.of(Lora.Config.class, Map.of("rank", 8));
      return new Choice<>(contract.cast((PeftMethod) new Lora()), options);
    }
  }
}
