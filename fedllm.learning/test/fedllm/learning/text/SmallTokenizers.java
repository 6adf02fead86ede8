package fedllm.learning.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** One small tokenizer of each kind, with as many kinds of parts around them. */
final class SmallTokenizers {

  static final int VOCABULARY = 256;

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> SPECIAL = List.of("[UNK]", "[CLS]", "[SEP]", "[PAD]");

  private static final String WORD_PIECE =
      """
      {"truncation": {"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0},
       "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null,
        "pad_id": 3, "pad_type_id": 0, "pad_token": "[PAD]"},
       "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100}}
      """;

  private static final String UNIGRAM =
      """
      {"truncation": null, "padding": null,
       "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Replace",
        "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "StripAccents"}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
        {"type": "Digits", "individual_digits": true},
        {"type": "Split", "pattern": {"Regex": "[a-c]+"}, "behavior": "Isolated", "invert": false},
        {"type": "Punctuation", "behavior": "Isolated"}]},
       "post_processor": {"type": "RobertaProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1],
        "trim_offsets": true, "add_prefix_space": true},
       "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
        "split": true},
       "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false}}
      """;

  private static final String BYTES =
      """
      {"truncation": null, "padding": null, "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": true},
       "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false,
        "use_regex": true},
       "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
        "use_regex": true},
       "model": {"type": "BPE", "dropout": null, "unk_token": null,
        "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": false,
        "byte_fallback": false, "merges": ["o n", "on c"]}}
      """;

  private static final String PIECES =
      """
      {"truncation": null, "padding": null, "normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
       "pre_tokenizer": null,
       "post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
         {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
         {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
         "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
       "decoder": {"type": "Sequence", "decoders": [{"type": "Replace",
        "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
       "model": {"type": "BPE", "dropout": null, "unk_token": "[UNK]",
        "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true,
        "byte_fallback": true, "merges": [["o", "n"], ["on", "c"]]}}
      """;

  private static final String WORDS =
      """
      {"truncation": null, "padding": null, "normalizer": {"type": "Lowercase"},
       "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "Sequence", "processors": [{"type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}},
         {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}}]},
       "decoder": {"type": "CTC", "pad_token": "[PAD]", "word_delimiter_token": "|",
        "cleanup": true},
       "model": {"type": "WordLevel", "unk_token": "[UNK]"}}
      """;

  private static final List<JsonNode> ALL =
      List.of(made(WORD_PIECE), made(UNIGRAM), made(BYTES), made(PIECES), made(WORDS));

  private SmallTokenizers() {}

  static List<JsonNode> all() {
    return ALL;
  }

  private static JsonNode made(String text) {
    try {
      ObjectNode json = (ObjectNode) JSON.readTree(text);
      json.put("version", "1.0");
      ArrayNode added = json.putArray("added_tokens");
      for (String token : SPECIAL) {
        added
            .addObject()
            .put("id", SPECIAL.indexOf(token))
            .put("content", token)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", true);
      }
      ObjectNode model = (ObjectNode) json.get("model");
      if (model.path("type").asText().equals("Unigram")) {
        ArrayNode vocabulary = model.putArray("vocab");
        tokens().forEach(token -> vocabulary.addArray().add(token).add(-3.0));
      } else {
        ObjectNode vocabulary = model.putObject("vocab");
        tokens().forEach(token -> vocabulary.put(token, vocabulary.size()));
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the text above is JSON", e);
    }
  }

  private static List<String> tokens() {
    List<String> tokens = new ArrayList<>(SPECIAL);
    for (char c = '!'; c <= '~'; c++) {
      tokens.add(String.valueOf(c));
      tokens.add("##" + c);
    }
    tokens.addAll(List.of("▁", "Ġ", "on", "onc", "once", "upon"));
    return tokens;
  }
}
