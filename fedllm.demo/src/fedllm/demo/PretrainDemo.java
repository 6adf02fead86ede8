package fedllm.demo;

import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.demo.Phrasing.Exchange;
import fedllm.format.Dtype;
import fedllm.format.ModelFolder;
import fedllm.format.SafetensorsWriter;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.learning.text.Tokenizer;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Makes the demo's folder: {@code texts/*.jsonl}, and {@code model} in Hugging Face layout. */
public final class PretrainDemo {

  private static final long SEED = 42;
  private static final int VOCABULARY = 1024;
  private static final int STEPS = 900;
  private static final int BATCH = 16;
  private static final double HIGHEST_RATE = 3e-3;
  private static final int RISING_STEPS = 100;

  private PretrainDemo() {}

  /**
   * Takes some minutes on one core.
   *
   * @param arguments the folder; {@code launch/demo} where there is none
   */
  public static void main(String... arguments) throws IOException {
    Path folder =
        arguments.length > 0
            ? Path.of(arguments[0])
            : Path.of(System.getProperty("fedllm.workspace", "."), "launch", "demo");
    DemoTexts texts = new DemoTexts(SEED);
    texts.write(folder.resolve("texts"));
    Path model = Files.createDirectories(folder.resolve("model"));
    List<String> everybodys = reading(texts);
    BytePairs pairs = tokenizer(everybodys);
    pairs.write(model, Blueprint.CONTEXT);
    Blueprint.write(model, pairs);
    pretrain(new ModelFolder(model, List.of()), everybodys);
    System.out.println("made " + folder);
  }

  /** What the model reads. */
  static List<String> reading(DemoTexts texts) {
    return texts.everybodys().stream().map(PretrainDemo::text).toList();
  }

  static BytePairs tokenizer(List<String> reading) {
    return BytePairs.train(reading, VOCABULARY);
  }

  /** As the template {@code question} writes it. */
  private static String text(Exchange exchange) {
    return "Question: " + exchange.question() + "\nAnswer: " + exchange.answer();
  }

  private static void pretrain(ModelFolder folder, List<String> texts) throws IOException {
    Architecture architecture = new Llama().open(ModelConfig.read(folder.config()), Head.TOKENS);
    List<Row> rows = rows(folder, texts);
    try (Pretraining pretraining = new Pretraining(architecture, SEED)) {
      Philox random = Philox.of(SEED, 0, "public", 0, "batches");
      long began = System.nanoTime();
      for (int step = 0; step < STEPS; step++) {
        List<Row> batch = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          batch.add(rows.get(random.below((long) step * BATCH + i, rows.size())));
        }
        double loss = pretraining.step(Batch.of(batch), rate(step));
        if (step % 50 == 0 || step == STEPS - 1) {
          double seconds = (System.nanoTime() - began) / 1e9;
          System.out.printf(
              "step %d of %d: loss %.3f, %.0f s left%n",
              step + 1, STEPS, loss, seconds / (step + 1) * (STEPS - 1 - step));
        }
      }
      save(folder.folder().resolve("model.safetensors"), pretraining.weights());
    }
  }

  private static List<Row> rows(ModelFolder folder, List<String> texts) {
    List<Row> rows = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      for (String text : texts) {
        int[] ids = tokenizer.encode(text);
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = tokenizer.end();
        rows.add(Row.next(ids, 1));
      }
    }
    return rows;
  }

  /** Up along a line, then down along a cosine. */
  private static double rate(int step) {
    if (step < RISING_STEPS) {
      return HIGHEST_RATE * (step + 1) / RISING_STEPS;
    }
    double done = (double) (step - RISING_STEPS) / (STEPS - RISING_STEPS);
    return HIGHEST_RATE * 0.5 * (1.02 + 0.98 * StrictMath.cos(StrictMath.PI * done));
  }

  private static void save(Path file, Tensors weights) throws IOException {
    Schema schema = weights.schema();
    try (SafetensorsWriter out =
        new SafetensorsWriter(file, schema, Dtype.BF16, Map.of("format", "pt"))) {
      for (Tensor tensor : schema.tensors()) {
        float[] values = weights.values(tensor.name());
        for (int i = 0; i < Unit.blocks(tensor); i++) {
          Unit unit = Unit.block(tensor, i);
          int from = Math.toIntExact(unit.offset());
          out.write(unit, Arrays.copyOfRange(values, from, from + unit.length()));
        }
      }
      out.commit();
    }
  }
}
