package fedllm.learning.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StreamTest {

  @Property
  void passesAllBeforeTheFirstStopAndNothingOfIt(
      @ForAll List<@CharRange(from = 'a', to = 'c') @StringLength(max = 3) String> pieces,
      @ForAll @NotEmpty @Size(max = 3)
          List<@CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String> stops) {
    StopStrings stopper = new StopStrings(stops);
    StringBuilder passed = new StringBuilder();
    String whole = String.join("", pieces);
    int end = stops.stream().mapToInt(whole::indexOf).filter(i -> i >= 0).min().orElse(-1);
    for (String piece : pieces) {
      passed.append(stopper.pass(piece));
      for (String stop : stops) {
        assertFalse(passed.toString().contains(stop));
      }
    }
    passed.append(stopper.rest());
    assertEquals(end >= 0, stopper.stopped());
    if (end < 0) {
      assertEquals(whole, passed.toString());
    } else {
      assertTrue(whole.startsWith(passed.toString()));
      assertTrue(
          passed.length() <= whole.length()
              && stops.stream().noneMatch(passed.toString()::contains));
    }
  }

  @Test
  void holdsBackOnlyWhatMayBecomeAStop() {
    StopStrings stopper = new StopStrings(List.of("\nuser:", "END"));
    assertEquals("Hello", stopper.pass("Hello\n"));
    assertEquals("\nus", stopper.pass("us") + stopper.pass("!").substring(0, 3));
    assertEquals("a", stopper.pass("aEN"));
    assertEquals("", stopper.pass("D and more"));
    assertTrue(stopper.stopped());
    assertEquals("", stopper.rest());
  }

  /** Tokens are bytes here: the worst case. */
  @Property
  void tellsWholeCharactersHoweverTheyAreCut(@ForAll String text, @ForAll String before) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String expected = new String(bytes, StandardCharsets.UTF_8);
    Detokenizer detokenizer = new Detokenizer(StreamTest::decode, ids(before));
    StringBuilder told = new StringBuilder();
    for (int id : ids(text)) {
      String piece = detokenizer.add(id);
      assertTrue(piece.isEmpty() || piece.indexOf('\uFFFD') < 0 || expected.indexOf('\uFFFD') >= 0);
      told.append(piece);
      assertTrue(expected.startsWith(told.toString()));
    }
    assertEquals(expected, told + detokenizer.rest());
  }

  @Test
  void keepsTheBlankThatADecoderDropsAtABeginning() {
    String[] words = {"▁Once", "▁upon", "▁a", "▁time", ",", "▁there"};
    Detokenizer detokenizer =
        new Detokenizer(
            ids ->
                String.join("", Arrays.stream(ids).mapToObj(i -> words[i]).toList())
                    .replace('▁', ' ')
                    .stripLeading(),
            new int[] {0, 1});
    assertEquals(" a", detokenizer.add(2));
    assertEquals(" time", detokenizer.add(3));
    assertEquals(",", detokenizer.add(4));
    assertEquals(" there", detokenizer.add(5));
    assertEquals("", detokenizer.rest());
  }

  private static int[] ids(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    Arrays.setAll(ids, i -> bytes[i] & 0xFF);
    return ids;
  }

  private static String decode(int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.write(id);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
