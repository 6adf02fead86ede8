package fedllm.peft.full;

import static fedllm.testkit.learning.PlainMethod.product;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.gpt2.Gpt2;
import fedllm.models.llama.Llama;
import fedllm.peft.Others;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PeftContract;
import fedllm.testkit.learning.PlainMethod;
import fedllm.testkit.learning.RandomModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullTest implements PeftContract {

  @TempDir Path folder;

  @Override
  public PeftMethod method() {
    return new Full();
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    return Stream.concat(
        Stream.of(
            use(Map.of()), use(Map.of("targets", List.of("embed_tokens", "lm_head", "q_proj")))),
        Others.with(TestOptions.of(Full.Config.class, Map.of()), true));
  }

  private static Case use(Map<String, Object> options) {
    return new Case(TestOptions.of(Full.Config.class, options), true, FullTest::at);
  }

  private static double[][] at(Site at, PlainMethod.Text text, PlainMethod.Values values) {
    double[] weight = values.of(at, "weight");
    if (weight == null) {
      return text.y();
    }
    if (at.kind() != Site.Kind.EMBEDDING) {
      return product(weight, text.x());
    }
    double[][] y = new double[text.length()][];
    for (int t = 0; t < y.length; t++) {
      int id = text.ids()[t];
      y[t] = Arrays.copyOfRange(weight, id * at.out(), (id + 1) * at.out());
    }
    return y;
  }

  @Test
  void trainsEveryLinearLayerWhereNothingIsNamed() throws Exception {
    Adapter adapter = open(Map.of());
    assertEquals(14, adapter.grafts().size());
    assertEquals(
        "base_model.model.model.layers.0.self_attn.q_proj.weight[16, 16]",
        adapter.schema().tensors().get(0).toString());
  }

  @Test
  void aMatrixLiesAsItDoesInTheBasesFiles() throws Exception {
    Path file = Files.writeString(folder.resolve("config.json"), Others.GPT2);
    Adapter adapter =
        method()
            .open(
                TestOptions.of(Full.Config.class, Map.of("targets", List.of("c_fc"))),
                new Gpt2().open(ModelConfig.read(file), Head.TOKENS));
    assertEquals(
        "base_model.model.transformer.h.0.mlp.c_fc.weight[12, 20]",
        adapter.schema().tensors().get(0).toString());
  }

  @Test
  void refusesWhatHasNoWeightOfItsOwn() {
    SitsOut out = assertThrows(SitsOut.class, () -> open(Map.of("targets", List.of("norm"))));
    assertTrue(out.getMessage().contains("peft.targets: norm fits no"), out.getMessage());
  }

  private Adapter open(Map<String, Object> options) throws Exception {
    return method().open(TestOptions.of(Full.Config.class, options), RandomModel.llama(family()));
  }
}
