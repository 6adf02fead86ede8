package fedllm.peft.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.Others;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PeftContract;
import fedllm.testkit.learning.PlainMethod;
import fedllm.testkit.learning.RandomModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PromptTest implements PeftContract {

  @Override
  public PeftMethod method() {
    return new Prompt();
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    return Stream.concat(
        Stream.of(
            new Case(options(Map.of("tokens", 3)), false, PromptTest::at),
            new Case(options(Map.of("tokens", 1, "start", "normal")), false, PromptTest::at)),
        Others.with(options(Map.of("tokens", 2)), false));
  }

  private static double[][] at(Site at, PlainMethod.Text text, PlainMethod.Values values) {
    if (at.kind() != Site.Kind.EMBEDDING) {
      return text.y();
    }
    double[] rows = values.common("prompt_embeddings");
    double[][] y = text.y().clone();
    for (int t = 0; t < y.length; t++) {
      int place = text.here()[t];
      if (place >= 0) {
        y[t] = Arrays.copyOfRange(rows, place * at.out(), (place + 1) * at.out());
      }
    }
    return y;
  }

  @Test
  void isOneTensorOfPeftsName() throws Exception {
    Adapter adapter = adapter(Map.of("tokens", 3));
    assertEquals("[prompt_embeddings[3, 16]]", adapter.schema().toString());
    assertEquals(3, adapter.places());
    assertTrue(adapter.files().get("adapter_config.json").contains("\"PROMPT_TUNING\""));
  }

  @Test
  void startsAsEmbeddingsOfTokensThatAreThere() throws Exception {
    Parameter.OfBase first =
        (Parameter.OfBase) adapter(Map.of("tokens", 3)).common().get(0).first();
    List<Long> asked = new ArrayList<>();
    float[] values = new float[3 * 16];
    first.fill(
        (weight, from, count) -> {
          assertEquals("model.embed_tokens.weight", weight);
          assertEquals(1, count);
          asked.add(from);
          float[] row = new float[16];
          Arrays.fill(row, (float) from);
          return row;
        },
        new Philox(3),
        values);
    assertEquals(3, asked.size());
    for (int i = 0; i < values.length; i++) {
      assertEquals((float) asked.get(i / 16), values[i]);
      assertTrue(asked.get(i / 16) >= 0 && asked.get(i / 16) < 23);
    }
  }

  @Test
  void leavesRoomForTheText() {
    SitsOut out = assertThrows(SitsOut.class, () -> adapter(Map.of("tokens", 64)));
    assertTrue(out.getMessage().contains("at most 64"), out.getMessage());
  }

  private static Adapter adapter(Map<String, Object> values) throws Exception {
    Architecture model = RandomModel.llama(new Llama());
    return new Prompt().open(options(values), model);
  }

  private static TestOptions options(Map<String, Object> values) {
    return TestOptions.of(Prompt.Config.class, values);
  }
}
