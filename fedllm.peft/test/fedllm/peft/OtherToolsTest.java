package fedllm.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.model.Architecture;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.ia3.Ia3;
import fedllm.peft.lora.Lora;
import fedllm.peft.prefix.Prefix;
import fedllm.peft.prompt.Prompt;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters whose {@code adapter_config.json} has all the keys that PEFT 0.17 writes. */
class OtherToolsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LORA =
      """
      {"alpha_pattern": {}, "auto_mapping": null, "base_model_name_or_path": "some/model",
       "bias": "none", "corda_config": null, "eva_config": null, "exclude_modules": null,
       "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true,
       "layer_replication": null, "layers_pattern": null, "layers_to_transform": null,
       "loftq_config": {}, "lora_alpha": 32, "lora_bias": false, "lora_dropout": 0.05,
       "megatron_config": null, "megatron_core": "megatron.core", "modules_to_save": null,
       "peft_type": "LORA", "peft_version": "0.17.1", "qalora_group_size": 16, "r": 4,
       "rank_pattern": {}, "revision": null, "runtime_config": {"ephemeral_gpu_offload": false},
       "target_modules": ["q_proj", "v_proj"], "target_parameters": null,
       "task_type": "CAUSAL_LM", "trainable_token_indices": null, "use_dora": false,
       "use_qalora": false, "use_rslora": false}
      """;

  private static final String IA3 =
      """
      {"auto_mapping": null, "base_model_name_or_path": "some/model", "exclude_modules": null,
       "fan_in_fan_out": false, "feedforward_modules": ["down_proj"], "inference_mode": true,
       "init_ia3_weights": true, "modules_to_save": null, "peft_type": "IA3", "revision": null,
       "target_modules": ["k_proj", "v_proj", "down_proj"], "task_type": "CAUSAL_LM"}
      """;

  private static final String PROMPT =
      """
      {"auto_mapping": null, "base_model_name_or_path": "some/model", "inference_mode": true,
       "num_attention_heads": 4, "num_layers": 2, "num_transformer_submodules": 1,
       "num_virtual_tokens": 3, "peft_type": "PROMPT_TUNING", "prompt_tuning_init": "TEXT",
       "prompt_tuning_init_text": "say it", "revision": null, "task_type": "CAUSAL_LM",
       "token_dim": 16, "tokenizer_kwargs": null, "tokenizer_name_or_path": "some/model"}
      """;

  private static final String PREFIX =
      """
      {"auto_mapping": null, "base_model_name_or_path": "some/model",
       "encoder_hidden_size": 16, "inference_mode": true, "num_attention_heads": 2,
       "num_layers": 2, "num_transformer_submodules": 1, "num_virtual_tokens": 3,
       "peft_type": "PREFIX_TUNING", "prefix_projection": true, "revision": null,
       "task_type": "CAUSAL_LM", "token_dim": 8}
      """;

  @TempDir Path folder;

  private Architecture model;

  private final List<PeftMethod> methods =
      List.of(new Ia3(), new Lora(), new Prefix(), new Prompt());

  @BeforeEach
  void model() throws IOException {
    model = RandomModel.llama(new Llama());
  }

  @Test
  void readsWhatPeftWrites() throws IOException {
    assertEquals("y + 8.0 * linear(linear(x, A), B)", read(LORA).grafts().get(0).equation());
    assertEquals(4, read(LORA).grafts().size());
    assertEquals(
        List.of("y * torch.flatten(l)", "y * torch.flatten(l)", "base(x * torch.flatten(l))"),
        read(IA3).grafts().subList(0, 3).stream().map(graft -> graft.equation()).toList());
    assertEquals("[prompt_embeddings[3, 16]]", read(PROMPT).schema().toString());
    assertEquals("[prompt_embeddings[3, 32]]", read(PREFIX).schema().toString());
  }

  @Test
  void readsTargetsAsARegularExpressionOfWholeNames() throws IOException {
    Adapter adapter = read(with("target_modules", "\".*layers\\\\.1\\\\..*\\\\.(q|up)_proj\""));
    assertEquals(
        List.of("model.layers.1.self_attn.q_proj", "model.layers.1.mlp.up_proj"),
        adapter.grafts().stream().map(graft -> graft.at().name()).toList());
  }

  @Test
  void scalesByTheRootOfTheRankAndTrainsModulesWholeWhereTheFileSaysSo() throws IOException {
    Adapter root = read(with("use_rslora", "true"));
    assertEquals("y + 16.0 * linear(linear(x, A), B)", root.grafts().get(0).equation());
    Adapter saved = read(with("modules_to_save", "[\"lm_head\", \"score\"]"));
    List<String> names = saved.schema().tensors().stream().map(Tensor::name).toList();
    assertTrue(names.contains("base_model.model.lm_head.weight"), names.toString());
  }

  /**
   * PEFT reads the names as regular expressions of the ends of modules' names; the first counts.
   */
  @Test
  void givesLayersTheRanksAndScalesThatTheFileGivesThem() throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(LORA);
    config.set("rank_pattern", JSON.readTree("{\"layers.1.self_attn.q_proj\": 2, \".*_proj\": 8}"));
    config.set("alpha_pattern", JSON.readTree("{\"v_proj\": 4, \"_proj\": 7}"));
    Adapter adapter = read(config.toString());
    List<String> shown = adapter.grafts().stream().map(OtherToolsTest::shown).toList();
    List<String> expected =
        List.of(
            "model.layers.0.self_attn.q_proj 8 y + 4.0 * linear(linear(x, A), B)",
            "model.layers.0.self_attn.v_proj 8 y + 0.5 * linear(linear(x, A), B)",
            "model.layers.1.self_attn.q_proj 2 y + 16.0 * linear(linear(x, A), B)",
            "model.layers.1.self_attn.v_proj 8 y + 0.5 * linear(linear(x, A), B)");
    assertEquals(expected, shown);
    Adapter again = read(adapter.files().get("adapter_config.json"));
    assertEquals(expected, again.grafts().stream().map(OtherToolsTest::shown).toList());
    assertKnown(LORA, again);
  }

  private static String shown(Graft graft) {
    long rank = graft.parameters().get(0).shape().get(0);
    return graft.at().name() + " " + rank + " " + graft.equation();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "use_dora | true",
        "bias | \"all\"",
        "lora_bias | true",
        "rank_pattern | {\"q_proj\": 1.5}",
        "rank_pattern | {\"q_proj\": 0}",
        "rank_pattern | {\"(\": 8}",
        "alpha_pattern | {\"q_proj\": \"much\"}",
        "alpha_pattern | [8]",
        "layers_to_transform | [1]",
        "layers_to_transform | 0",
        "layers_pattern | \"layers\"",
        "layer_replication | [[0, 1]]",
        "exclude_modules | [\"q_proj\"]",
        "target_parameters | [\"experts\"]",
        "trainable_token_indices | [1]",
        "use_qalora | true",
        "init_lora_weights | \"pissa\"",
        "modules_to_save | [\"nowhere\"]",
        "target_modules | [\"nowhere\"]",
        "target_modules | \"(\"",
        "r | 0",
        "lora_alpha | \"much\"",
        "a_key_of_tomorrow | 7",
        "peft_type | \"ADALORA\""
      })
  void refusesByItsKeyWhatItCannotDo(String key, String value) throws IOException {
    String text = with(key, value);
    SitsOut out = assertThrows(SitsOut.class, () -> read(text));
    assertTrue(out.getMessage().contains("adapter_config.json: " + key + " is "), out.getMessage());
  }

  @Test
  void writesNoKeyThatPeftDoesNotKnow() throws IOException {
    Adapter lora = new Lora().open(TestOptions.none(), model);
    assertKnown(LORA, lora);
    assertKnown(IA3, new Ia3().open(TestOptions.none(), model));
    assertKnown(PROMPT, new Prompt().open(TestOptions.none(), model));
    assertKnown(PREFIX, new Prefix().open(TestOptions.none(), model));
  }

  private static void assertKnown(String peft, Adapter adapter) throws IOException {
    JsonNode ours = JSON.readTree(adapter.files().get("adapter_config.json"));
    TreeSet<String> unknown = new TreeSet<>();
    ours.fieldNames().forEachRemaining(unknown::add);
    JSON.readTree(peft).fieldNames().forEachRemaining(unknown::remove);
    assertEquals(new TreeSet<>(), unknown);
  }

  private static String with(String key, String value) throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(LORA);
    config.set(key, JSON.readTree(value));
    return config.toString();
  }

  /** What a method makes of the file, whatever values lie beside it. */
  private Adapter read(String config) throws IOException {
    Adapters.save(folder, new Adapters.Opened(Adapter.NONE, new Tensors(Adapter.NONE.schema())));
    Files.writeString(folder.resolve("adapter_config.json"), config);
    return new Adapters(methods).shape(folder, model);
  }
}
