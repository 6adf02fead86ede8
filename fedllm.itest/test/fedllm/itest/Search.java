package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Looks for words in bytes, as UTF-8 and as UTF-16. */
final class Search {

  private Search() {}

  static List<Path> files(Path below) throws IOException {
    try (Stream<Path> tree = Files.walk(below)) {
      return tree.filter(Files::isRegularFile).toList();
    }
  }

  static boolean found(Path below, String word) throws IOException {
    for (Path file : files(below)) {
      if (contains(Files.readAllBytes(file), word.getBytes(StandardCharsets.UTF_8))) {
        return true;
      }
    }
    return false;
  }

  static void look(String where, byte[] bytes, List<String> words, Set<String> leaks) {
    assertFalse(words.isEmpty());
    for (String word : words) {
      for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
        if (contains(bytes, word.getBytes(charset))) {
          leaks.add(word + " in " + where);
        }
      }
    }
  }

  private static boolean contains(byte[] bytes, byte[] word) {
    for (int i = 0; i <= bytes.length - word.length; i++) {
      int n = 0;
      while (n < word.length && bytes[i + n] == word[n]) {
        n++;
      }
      if (n == word.length) {
        return true;
      }
    }
    return false;
  }
}
