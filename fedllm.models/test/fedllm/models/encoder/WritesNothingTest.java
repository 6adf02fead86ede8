package fedllm.models.encoder;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.generate.Generation;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.models.bert.Bert;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritesNothingTest {

  private static final String CONFIG =
      """
      {"model_type": "bert", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
       "num_attention_heads": 2, "vocab_size": 23, "max_position_embeddings": 34}
      """;

  @TempDir Path folder;

  @Test
  void refusesToLetAnEncoderWrite() throws IOException {
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    Path files =
        new RandomModel(new Bert(), CONFIG, Head.TOKENS, scratch).write(folder.resolve("model"));
    try (LanguageModel model =
            new LanguageModel(
                new Bases(List.of(new Bert())).open(files, Head.TOKENS), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", model.initial(1));
      SitsOut out = assertThrows(SitsOut.class, () -> new Generation(model, none).close());
      assertTrue(out.getMessage().contains("writes no text"), out.getMessage());
    }
  }
}
