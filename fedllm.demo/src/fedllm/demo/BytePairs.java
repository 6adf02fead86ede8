package fedllm.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Trains a byte-level BPE tokenizer as GPT-2's: words become bytes, and the commonest pair of
 * neighbours becomes a new token until the vocabulary is full. Ties go to the pair that sorts
 * first, so that equal texts give equal tokenizers.
 */
final class BytePairs {

  static final String BEGIN = "<s>";
  static final String END = "</s>";

  /** As the ByteLevel pre-tokenizer cuts. */
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
  private final List<List<String>> merges = new ArrayList<>();

  /** A word's pieces, and how often the word occurs. */
  private record Word(List<String> pieces, long count) {}

  private record Pair(String left, String right) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int byLeft = left.compareTo(other.left);
      return byLeft != 0 ? byLeft : right.compareTo(other.right);
    }
  }

  private BytePairs() {}

  /** Trains on texts until there are {@code size} tokens, or no pair occurs twice. */
  static BytePairs train(Iterable<String> texts, int size) {
    BytePairs pairs = new BytePairs();
    pairs.add(BEGIN);
    pairs.add(END);
    for (int b = 0; b < 256; b++) {
      pairs.add(String.valueOf(letter(b)));
    }
    List<Word> words = words(texts);
    while (pairs.vocabulary.size() < size) {
      Pair best = commonest(words);
      if (best == null) {
        break;
      }
      pairs.merges.add(List.of(best.left(), best.right()));
      pairs.add(best.left() + best.right());
      words.forEach(word -> merge(word.pieces(), best));
    }
    return pairs;
  }

  private void add(String token) {
    vocabulary.putIfAbsent(token, vocabulary.size());
  }

  /** How many tokens there are. */
  int size() {
    return vocabulary.size();
  }

  /** The id of one of the two special tokens. */
  int id(String token) {
    return vocabulary.get(token);
  }

  private static List<Word> words(Iterable<String> texts) {
    Map<String, Long> counts = new TreeMap<>();
    for (String text : texts) {
      Matcher word = WORD.matcher(text);
      while (word.find()) {
        counts.merge(word.group(), 1L, Long::sum);
      }
    }
    List<Word> words = new ArrayList<>();
    counts.forEach((word, count) -> words.add(new Word(pieces(word), count)));
    return words;
  }

  private static List<String> pieces(String word) {
    List<String> pieces = new ArrayList<>();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      pieces.add(String.valueOf(letter(b & 0xFF)));
    }
    return pieces;
  }

  /** GPT-2's letter for a byte: itself where it can be seen, else one from U+0100 on. */
  private static char letter(int b) {
    if (isSeen(b)) {
      return (char) b;
    }
    int before = 0;
    for (int other = 0; other < b; other++) {
      before += isSeen(other) ? 0 : 1;
    }
    return (char) (0x100 + before);
  }

  private static boolean isSeen(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
  }

  private static Pair commonest(List<Word> words) {
    Map<Pair, Long> counts = new HashMap<>();
    for (Word word : words) {
      for (int i = 1; i < word.pieces().size(); i++) {
        counts.merge(
            new Pair(word.pieces().get(i - 1), word.pieces().get(i)), word.count(), Long::sum);
      }
    }
    Pair best = null;
    long most = 1;
    for (Map.Entry<Pair, Long> entry : counts.entrySet()) {
      long count = entry.getValue();
      if (count > most || (count == most && best != null && entry.getKey().compareTo(best) < 0)) {
        best = entry.getKey();
        most = count;
      }
    }
    return best;
  }

  private static void merge(List<String> pieces, Pair pair) {
    for (int i = 1; i < pieces.size(); i++) {
      if (pieces.get(i - 1).equals(pair.left()) && pieces.get(i).equals(pair.right())) {
        pieces.set(i - 1, pair.left() + pair.right());
        pieces.remove(i);
      }
    }
  }

  /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
  void write(Path folder, int context) throws IOException {
    ObjectMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("tokenizer.json"), json.writeValueAsString(tokenizer()) + "\n");
    Files.writeString(
        folder.resolve("tokenizer_config.json"), json.writeValueAsString(settings(context)) + "\n");
  }

  private Map<String, Object> tokenizer() {
    Map<String, Object> bytes =
        Map.of(
            "type",
            "ByteLevel",
            "add_prefix_space",
            false,
            "trim_offsets",
            false,
            "use_regex",
            true);
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", false);
    model.put("vocab", vocabulary);
    model.put("merges", merges.stream().map(pair -> String.join(" ", pair)).toList());
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("truncation", null);
    tokenizer.put("padding", null);
    tokenizer.put("added_tokens", List.of(special(BEGIN), special(END)));
    tokenizer.put("normalizer", null);
    tokenizer.put("pre_tokenizer", new TreeMap<>(bytes));
    tokenizer.put("post_processor", beginning());
    tokenizer.put("decoder", new TreeMap<>(bytes));
    tokenizer.put("model", model);
    return tokenizer;
  }

  private Map<String, Object> special(String token) {
    Map<String, Object> special = new LinkedHashMap<>();
    special.put("id", id(token));
    special.put("content", token);
    special.put("single_word", false);
    special.put("lstrip", false);
    special.put("rstrip", false);
    special.put("normalized", false);
    special.put("special", true);
    return special;
  }

  private Map<String, Object> beginning() {
    Map<String, Object> first =
        Map.of("SpecialToken", new TreeMap<>(Map.of("id", BEGIN, "type_id", 0)));
    Map<String, Object> a = Map.of("Sequence", new TreeMap<>(Map.of("id", "A", "type_id", 0)));
    Map<String, Object> b = Map.of("Sequence", new TreeMap<>(Map.of("id", "B", "type_id", 1)));
    Map<String, Object> token = new LinkedHashMap<>();
    token.put("id", BEGIN);
    token.put("ids", List.of(id(BEGIN)));
    token.put("tokens", List.of(BEGIN));
    Map<String, Object> processor = new LinkedHashMap<>();
    processor.put("type", "TemplateProcessing");
    processor.put("single", List.of(first, a));
    processor.put("pair", List.of(first, a, b));
    processor.put("special_tokens", Map.of(BEGIN, token));
    return processor;
  }

  private static Map<String, Object> settings(int context) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("tokenizer_class", "PreTrainedTokenizerFast");
    settings.put("bos_token", BEGIN);
    settings.put("eos_token", END);
    settings.put("add_bos_token", true);
    settings.put("add_eos_token", false);
    settings.put("model_max_length", context);
    settings.put("clean_up_tokenization_spaces", false);
    return settings;
  }
}
