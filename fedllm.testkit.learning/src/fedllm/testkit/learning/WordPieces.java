package fedllm.testkit.learning;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small tokenizer as BERT has it: {@code [CLS] text [SEP]}, or {@code [CLS] a [SEP] b [SEP]}. */
public final class WordPieces {

  private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]");

  private WordPieces() {}

  /** Writes {@code tokenizer.json}; the words have the ids from 4 on, {@code ##} for a rest. */
  public static Path write(Path folder, List<String> words) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    SPECIAL.forEach(token -> vocabulary.put(token, vocabulary.size()));
    words.forEach(word -> vocabulary.put(word, vocabulary.size()));
    String json =
        """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [
           {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true,
           "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
             {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
             {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
             {"Sequence": {"id": "B", "type_id": 1}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
           "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
             "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
           "max_input_chars_per_word": 100, "vocab": VOCABULARY}}
        """
            .replace("VOCABULARY", new ObjectMapper().writeValueAsString(vocabulary));
    return Files.writeString(folder.resolve("tokenizer.json"), json);
  }
}
