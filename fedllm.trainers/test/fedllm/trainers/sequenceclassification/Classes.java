package fedllm.trainers.sequenceclassification;

import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.models.bert.Bert;
import fedllm.testkit.learning.RandomModel;
import fedllm.testkit.learning.WordPieces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A small BERT of random weights whose words are known. */
public final class Classes {

  /** Ids from 4 on. */
  public static final List<String> WORDS =
      List.of("a", "b", "c", "d", "e", "f", "play", "##ing", "##ed", "mia", "rio", ".");

  private static final String CONFIG =
      """
      {"model_type": "bert", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
       "num_attention_heads": 2, "vocab_size": 23, "max_position_embeddings": 34, MORE
       "id2label": {"0": "no", "1": "yes", "2": "maybe"}}
      """;

  private Classes() {}

  /** Writes the folder; {@code more} are keys of its configuration, each with a comma after it. */
  public static Path write(Path folder, Head head, String more) throws IOException {
    Path model = folder.resolve("model");
    String config = CONFIG.replace("MORE", more);
    new RandomModel(new Bert(), config, head, folder).write(model);
    WordPieces.write(model, WORDS);
    return model;
  }

  /** Opens it, for texts of at most so many tokens. */
  public static Reading reading(Path model, Head head, int sequence) {
    Base base = new Bases(List.of(new Bert())).open(model, head);
    return new Reading(base, sequence, false);
  }
}
