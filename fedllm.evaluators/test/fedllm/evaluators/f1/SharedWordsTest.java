package fedllm.evaluators.f1;

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

class SharedWordsTest {

  @Test
  void isTwiceTheSharedWordsByAllWords() {
    // "in paris france" and "paris": precision 1/3, recall 1.
    assertEquals(0.5, f1("in Paris, France", "Paris"));
    assertEquals(0, f1("Rome", "Paris"));
  }

  @Test
  void seesNeitherCaseNorPunctuationNorArticles() {
    assertEquals(1, f1("The U.S. Army!", "an us army"));
    assertEquals(List.of("theory", "b"), Words.squad("a theory,  the (b)"));
  }

  @Test
  void countsAWordAsOftenAsBothHaveIt() {
    // Two of three and two of two: 4/5; the third "no" finds none left.
    assertEquals(0.8, f1("no no no", "no no"), 1e-15);
  }

  @Test
  void isOneWhereNeitherHasWordsAndZeroWhereOnlyOneHas() {
    assertEquals(1, f1("the.", ""));
    assertEquals(0, f1("", "Paris"));
  }

  @Property(tries = 200)
  void isTheSameFromEitherSideAndWhateverTheOrder(
      @ForAll @Size(max = 8) List<@CharRange(from = 'b', to = 'e') Character> first,
      @ForAll @Size(max = 8) List<@CharRange(from = 'b', to = 'e') Character> second) {
    List<String> left = first.stream().map(String::valueOf).toList();
    List<String> right = second.stream().map(String::valueOf).toList();
    double f1 = SharedWords.f1(left, right);
    assertTrue(f1 >= 0 && f1 <= 1);
    assertEquals(f1, SharedWords.f1(right, left));
    List<String> turned = new ArrayList<>(left);
    Collections.reverse(turned);
    assertEquals(f1, SharedWords.f1(turned, right));
    assertEquals(left.stream().sorted().toList().equals(right.stream().sorted().toList()), f1 == 1);
  }

  private static double f1(String written, String right) {
    return SharedWords.f1(Words.squad(written), Words.squad(right));
  }
}
