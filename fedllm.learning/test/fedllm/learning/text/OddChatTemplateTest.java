package fedllm.learning.text;

import static fedllm.learning.text.ChatTemplateTest.NOON;
import static fedllm.learning.text.ChatTemplateTest.SCENE;
import static fedllm.learning.text.ChatTemplateTest.TALK;
import static fedllm.learning.text.ChatTemplateTest.with;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates come with models from anywhere: what they may not do, and what is not said of them. */
class OddChatTemplateTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      value = {
        "x{{ messages | shuffled }}       @ the filter 'shuffled' is not known",
        "{% include 'other' %}            @ {% include %} is not known",
        "{% if messages %}                @ there should be",
        "{{ messages[0].text.length }}    @ text is undefined",
        "{{ strftime_now('%d') ~ 1 + 2 }} @ '+' is not known between text and a number",
        "{% for i in range(999999999) %}{% for j in range(9) %}{% endfor %}{% endfor %} @ too much",
        "{{ ((((('x' * 99999) * 9999) * 999))) }} @ too much"
      })
  void refusesByLineWhatItCannotDo(String source, String why) throws Exception {
    Files.writeString(folder.resolve("chat_template.jinja"), "\n\n" + source);
    SitsOut out = assertThrows(SitsOut.class, () -> ChatTemplate.of(model()).prompt(TALK, NOON));
    assertTrue(out.getMessage().contains("chat_template.jinja:3: "), out.getMessage());
    assertTrue(out.getMessage().contains(why), out.getMessage());
  }

  @Test
  void repeatsWhatATemplateSaysButNothingOfTheTurns() throws Exception {
    ChatTemplate template = ChatTemplateTest.template(folder, "gemma");
    SitsOut out = assertThrows(SitsOut.class, () -> template.prompt(with(SCENE, TALK), NOON));
    assertTrue(out.getMessage().contains("There is no system role"), out.getMessage());
    for (String secret :
        List.of(
            "{{ raise_exception('Not ' ~ messages[0].content) }}",
            "{{ messages[messages[0].content].more }}",
            "{{ messages | map(messages[0].content) | list }}",
            "{{ messages | select(messages[0].content) | list }}",
            "{{ namespace()[messages[0].content].more }}",
            "{% for m in messages %}{{ loop[messages[0].content] }}{% endfor %}",
            "{{ messages[0].content - 1 }}")) {
      Files.writeString(folder.resolve("chat_template.jinja"), secret);
      ChatTemplate leaky = ChatTemplate.of(model());
      out = assertThrows(SitsOut.class, () -> leaky.prompt(List.of(SCENE), NOON));
      assertFalse(out.getMessage().contains("brief"), out.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(messages|length) %}{{ messages[i].content }}{% endfor %}",
        "{{ messages | map(attribute='content') | join }}"
      })
  void refusesToGuessWhichTextIsTheAssistants(String source) throws Exception {
    Files.writeString(folder.resolve("chat_template.jinja"), source);
    SitsOut out = assertThrows(SitsOut.class, () -> ChatTemplate.of(model()).mark(TALK));
    assertTrue(out.getMessage().contains("{% generation %}"), out.getMessage());
  }

  private ModelFolder model() throws IOException {
    return ChatTemplateTest.model(folder, Map.of());
  }
}
