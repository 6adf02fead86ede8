package fedllm.evaluators.rougel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.learning.measure.Words;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CommonSequenceTest {

  @Test
  void isThatOfThePapersSentences() {
    // Lin 2004, section 3.1: a recall and precision of 3/4 and of 2/4.
    assertEquals(0.75, f("police kill the gunman", "police killed the gunman"));
    assertEquals(0.5, f("the gunman kill police", "police killed the gunman"));
  }

  @Test
  void weighsPrecisionAndRecallAlike() {
    // Two of three words written, two of six that are right: 2 * (2/3 * 1/3) / (2/3 + 1/3).
    assertEquals(4.0 / 9, f("the cat ran", "the big black cat sat down"), 1e-15);
  }

  @Test
  void seesNeitherCaseNorPunctuationAndCutsAtHyphens() {
    assertEquals(1, f("State-of-the-art!", "state of the ART"));
    assertEquals(List.of("caf", "3", "4"), Words.rouge("Café 3.4"));
  }

  @Test
  void isZeroWithoutWords() {
    assertEquals(0, f("", "a word"));
    assertEquals(0, f("...", "..."));
  }

  @Property(tries = 200)
  void isTheSameFromEitherSideAndOneOnlyForEqualTexts(
      @ForAll @Size(max = 8) List<@CharRange(from = 'a', to = 'c') Character> first,
      @ForAll @Size(max = 8) List<@CharRange(from = 'a', to = 'c') Character> second) {
    List<String> left = words(first);
    List<String> right = words(second);
    double f = CommonSequence.f(left, right);
    assertEquals(f, CommonSequence.f(right, left));
    assertTrue(f >= 0 && f <= 1);
    assertEquals(left.equals(right) && !left.isEmpty(), f == 1);
  }

  @Property(tries = 200)
  void isTheLongestOfAllSequencesThereAre(
      @ForAll @Size(max = 7) List<@CharRange(from = 'a', to = 'c') Character> first,
      @ForAll @Size(max = 7) List<@CharRange(from = 'a', to = 'c') Character> second) {
    List<String> left = words(first);
    List<String> right = words(second);
    int longest = 0;
    for (int chosen = 0; chosen < 1 << left.size(); chosen++) {
      if (isWithin(left, chosen, right)) {
        longest = Math.max(longest, Integer.bitCount(chosen));
      }
    }
    assertEquals(longest, CommonSequence.length(left, right));
    List<String> turned = new ArrayList<>(left);
    Collections.reverse(turned);
    List<String> other = new ArrayList<>(right);
    Collections.reverse(other);
    assertEquals(longest, CommonSequence.length(turned, other));
  }

  private static boolean isWithin(List<String> words, int chosen, List<String> text) {
    int at = 0;
    for (int i = 0; i < words.size(); i++) {
      if ((chosen >> i & 1) == 1) {
        while (at < text.size() && !text.get(at).equals(words.get(i))) {
          at++;
        }
        if (at++ == text.size()) {
          return false;
        }
      }
    }
    return true;
  }

  private static List<String> words(List<Character> letters) {
    return letters.stream().map(String::valueOf).toList();
  }

  private static double f(String written, String right) {
    return CommonSequence.f(Words.rouge(written), Words.rouge(right));
  }
}
