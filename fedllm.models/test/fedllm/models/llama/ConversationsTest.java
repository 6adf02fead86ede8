package fedllm.models.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.data.Example.Conversation;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Reading;
import fedllm.learning.text.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations as a model with a chat template learns them. */
class ConversationsTest {

  private static final String SETTINGS =
      """
      {"bos_token": "<s>", "eos_token": "</s>", "chat_template":
       "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No system') }}{% endif %}\
      {{ bos_token + m.content }}{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"}
      """;

  @TempDir Path folder;

  @Test
  void learnsWhatTheAssistantSaysAndNamesTheExampleThatTheTemplateRefuses() throws IOException {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    Path stories = Path.of(data, "stories260k");
    assumeTrue(Files.isDirectory(stories), "there is no stories260k");
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.createSymbolicLink(folder.resolve(name), stories.resolve(name));
    }
    Files.writeString(folder.resolve("tokenizer_config.json"), SETTINGS);
    Turn question = new Turn(Role.USER, "Once upon");
    Turn answer = new Turn(Role.ASSISTANT, "a time");
    try (Base base = new Bases(List.of(new Llama())).open(folder)) {
      Reading reading = new Reading(base, 64, true);
      Row row = reading.row(new Conversation(List.of(question, answer)), 1);
      assertTrue(row.targets() > 0 && row.targets() < row.length(), row.toString());
      assertEquals(base.tokenizer().end(), row.labels()[row.length() - 1]);
      Turn scene = new Turn(Role.SYSTEM, "Secrets of the house");
      SitsOut out =
          assertThrows(
              SitsOut.class,
              () -> reading.row(new Conversation(List.of(scene, question, answer)), 7));
      assertTrue(out.getMessage().startsWith("example 7: "), out.getMessage());
      assertTrue(out.getMessage().contains("line 1: "), out.getMessage());
      assertTrue(out.getMessage().contains("No system"), out.getMessage());
      assertFalse(out.getMessage().contains("Secrets"), out.getMessage());
    }
  }
}
