package fedllm.peft.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoraTest {

  private static final List<Site> LINEARS =
      List.of(
          Site.linear("model.layers.0.self_attn.q_proj", 64, 64),
          Site.linear("model.layers.0.self_attn.v_proj", 64, 32),
          Site.linear("model.layers.0.mlp.down_proj", 172, 64),
          Site.linear("model.layers.1.self_attn.q_proj", 64, 64),
          Site.linear("model.layers.1.self_attn.v_proj", 64, 32),
          Site.linear("model.layers.1.mlp.down_proj", 172, 64));

  @Test
  void showsItsEquation() {
    Graft graft = open(Map.of("rank", 4, "alpha", 10.0)).grafts().get(0);
    assertEquals("y + 2.5 * linear(linear(x, A), B)", graft.equation());
    assertEquals(List.of("A", "B"), graft.parameters().stream().map(Parameter::symbol).toList());
  }

  @Test
  void shapesItsFactorsByRankAndLayer() {
    Graft graft = open(Map.of("rank", 4, "targets", List.of("down_proj"))).grafts().get(1);
    assertEquals("model.layers.1.mlp.down_proj", graft.at().name());
    assertEquals(List.of(4L, 172L), graft.parameters().get(0).shape());
    assertEquals(List.of(64L, 4L), graft.parameters().get(1).shape());
  }

  @Test
  void startsAsTheModelIs() {
    for (Graft graft : open(Map.of()).grafts()) {
      float[] b = new float[1000];
      graft.parameters().get(1).first().fill(new Philox(5), b);
      for (float value : b) {
        assertEquals(0, value);
      }
    }
  }

  @Test
  void drawsAFromTheRangeThatPeftDrawsFrom() {
    float[] a = new float[100_000];
    open(Map.of()).grafts().get(0).parameters().get(0).first().fill(new Philox(5), a);
    double sum = 0;
    double squares = 0;
    for (float value : a) {
      assertTrue(Math.abs(value) <= 1 / 8f);
      sum += value;
      squares += value * value;
    }
    assertEquals(0, sum / a.length, 1e-3);
    assertEquals(1 / 64.0 / 3, squares / a.length, 1e-4);
  }

  @Test
  void findsLayersByTheirLastPartsAndByWildcards() {
    assertEquals(List.of(0, 1, 3, 4), chosen("q_proj", "v_proj"));
    assertEquals(List.of(0, 1, 3, 4), chosen("self_attn.*"));
    assertEquals(List.of(3), chosen("layers.1.self_attn.q_proj"));
    assertEquals(List.of(3, 4, 5), chosen("model.layers.1.*"));
    assertEquals(List.of(0, 1, 2, 3, 4, 5), chosen("*"));
    assertEquals(List.of(2, 5), chosen("d*_proj"));
  }

  @Test
  void refusesATargetThatFitsNothingAndListsWhatThereIs() {
    for (String target : List.of("query", "proj", "q_pro", "layers.2.*", "")) {
      SitsOut refusal = assertThrows(SitsOut.class, () -> chosen("q_proj", target));
      assertTrue(refusal.getMessage().contains("[q_proj, v_proj, down_proj]"), target);
    }
  }

  @Test
  void standsWhereTheFamilysNamesSayThatAttentionAsksAndGives() {
    assertEquals(List.of(0, 1, 3, 4), chosen());
    List<Site> others = List.of(Site.linear("h.0.attn.c_attn", 8, 24), Site.linear("h.0.fc", 8, 8));
    Adapter adapter =
        new Lora().open(TestOptions.of(Lora.Config.class, Map.of()), new Shape(others));
    assertEquals(List.of(others.get(0)), adapter.grafts().stream().map(Graft::at).toList());
    List<Site> strange = List.of(Site.linear("h.0.mix", 8, 24));
    SitsOut refusal =
        assertThrows(
            SitsOut.class,
            () -> new Lora().open(TestOptions.of(Lora.Config.class, Map.of()), new Shape(strange)));
    assertTrue(refusal.getMessage().contains("peft.targets should name some of [mix]"));
  }

  @Test
  void trainsAHeadWholeAndPutsNoProductBesideIt() throws Exception {
    List<Site> sites = new ArrayList<>(LINEARS);
    sites.add(Site.linear("classifier.dense", 64, 64));
    sites.add(Site.linear("classifier.out_proj", 64, 3));
    Map<String, Object> values =
        Map.of("targets", List.of("*"), "modulesToSave", List.of("classifier"));
    Adapter adapter = new Lora().open(TestOptions.of(Lora.Config.class, values), new Shape(sites));
    assertEquals(
        sites.stream().map(Site::name).toList(),
        adapter.grafts().stream().map(graft -> graft.at().name()).toList());
    Graft head = adapter.grafts().get(7);
    assertEquals("linear(x, V)", head.equation());
    assertEquals("weight", head.parameters().get(0).name());
    assertEquals(List.of(3L, 64L), head.parameters().get(0).shape());
    assertEquals(
        "[\"dense\",\"out_proj\"]",
        new ObjectMapper()
            .readTree(adapter.files().get("adapter_config.json"))
            .get("modules_to_save")
            .toString());
  }

  @Test
  void refusesToPutNothingBesideAnything() {
    Map<String, List<String>> values =
        Map.of("targets", List.of("q_proj"), "modulesToSave", List.of("self_attn"));
    SitsOut refusal = assertThrows(SitsOut.class, () -> open(Map.copyOf(values)));
    assertTrue(refusal.getMessage().contains("peft.modulesToSave"), refusal.getMessage());
    assertThrows(SitsOut.class, () -> open(Map.of("modulesToSave", List.of("score"))));
  }

  @Test
  void refusesRankZero() {
    assertThrows(IllegalArgumentException.class, () -> open(Map.of("rank", 0)));
  }

  @Test
  void writesWhatPeftReads() throws Exception {
    JsonNode config = config("q_proj", "down_proj");
    assertEquals("LORA", config.get("peft_type").asText());
    assertEquals("CAUSAL_LM", config.get("task_type").asText());
    assertEquals(8, config.get("r").asInt());
    assertEquals(16, config.get("lora_alpha").asInt());
    assertEquals("[\"q_proj\",\"down_proj\"]", config.get("target_modules").toString());
    assertTrue(config.get("base_model_name_or_path").isNull());
  }

  @Test
  void namesLayersInFullWhereTheirLastPartSaysTooMuch() throws Exception {
    assertEquals(
        "[\"model.layers.1.self_attn.q_proj\"]",
        config("layers.1.self_attn.q_proj").get("target_modules").toString());
  }

  private static JsonNode config(String... targets) throws Exception {
    Adapter adapter = open(Map.of("targets", List.of(targets)));
    assertFalse(adapter.files().isEmpty());
    return new ObjectMapper().readTree(adapter.files().get("adapter_config.json"));
  }

  private static List<Integer> chosen(String... targets) {
    List<Integer> chosen = new ArrayList<>();
    open(Map.of("targets", List.of(targets)))
        .grafts()
        .forEach(g -> chosen.add(LINEARS.indexOf(g.at())));
    return chosen;
  }

  private static Adapter open(Map<String, Object> values) {
    return new Lora().open(TestOptions.of(Lora.Config.class, values), new Shape(LINEARS));
  }
}
