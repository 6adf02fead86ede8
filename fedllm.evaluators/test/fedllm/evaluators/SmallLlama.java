package fedllm.evaluators;

import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.models.llama.Llama;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A Llama of random weights, and what it thinks likeliest. */
public final class SmallLlama {

  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 23,
       "tie_word_embeddings": true, "max_position_embeddings": 512}
      """;

  private SmallLlama() {}

  /** Writes its files. */
  public static StorySilo silo(Path folder, List<int[]> texts) throws IOException {
    Path model =
        new RandomModel(new Llama(), CONFIG, Head.TOKENS, folder).write(folder.resolve("model"));
    return StorySilo.at(model, texts.stream().map(Example.Tokens::new).toArray(Example[]::new));
  }

  /** The likeliest token behind each beginning of a text. */
  public static int[] likeliest(StorySilo silo, int[] text) {
    try (LanguageModel model = silo.model();
        NDManager owner = model.newManager()) {
      var none = model.list(owner, "p", new Tensors(Adapter.NONE.schema()));
      int[] likeliest = new int[text.length];
      for (int length = 1; length <= text.length; length++) {
        float[] logits = model.logits(Arrays.copyOf(text, length), none);
        for (int token = 1; token < logits.length; token++) {
          if (logits[token] > logits[likeliest[length - 1]]) {
            likeliest[length - 1] = token;
          }
        }
      }
      return likeliest;
    }
  }

  /** A text that goes on with the likeliest token each time. */
  public static int[] greedy(StorySilo silo, int first, int length) {
    int[] text = {first};
    while (text.length < length) {
      int next = likeliest(silo, text)[text.length - 1];
      text = Arrays.copyOf(text, text.length + 1);
      text[text.length - 1] = next;
    }
    return text;
  }
}
