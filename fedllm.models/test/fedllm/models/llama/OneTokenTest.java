package fedllm.models.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.testkit.learning.RandomModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneTokenTest {

  private static final Head THREE = new Head(Head.Kind.SEQUENCE_CLASSES, 3);

  @TempDir Path folder;

  @Test
  void hasItsClassBehindAnAdaptersPlacesToo() throws Exception {
    String config =
        """
        {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
         "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 23, "num_labels": 3,
         "tie_word_embeddings": false, "max_position_embeddings": 64}
        """;
    Path model = new RandomModel(new Llama(), config, THREE, folder).write(folder.resolve("m"));
    Adapter places = new Adapter(List.of(), List.of(), 2, Map.of());
    try (LanguageModel language =
            new LanguageModel(new Bases(List.of(new Llama())).open(model, THREE), places);
        NDManager owner = language.newManager()) {
      Row text = new Row(new int[] {7}, new int[] {2});
      Batch batch = Batch.of(List.of(text, text), 2);
      var none = language.list(owner, "p", language.initial(1));
      float[] logits = language.outputs(batch, none);
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        sum += Math.exp(logits[c]);
      }
      assertEquals(logits[2] - Math.log(sum), language.likelihoods(batch, none)[0], 1e-5);
    }
  }
}
