package fedllm.trainers.fedspsc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void theLastNumberIsWhatAnAnswerComesTo() {
    assertEquals(Optional.of(new BigDecimal("1234.5")), Numbers.last("3 + 4 make $1,234.50."));
    assertEquals(Optional.of(new BigDecimal("-7")), Numbers.last("so 2 less than -5 is -7\n"));
    assertEquals(Optional.of(new BigDecimal("5")), Numbers.last("12-5"));
    assertEquals(Optional.of(new BigDecimal("300")), Numbers.last("#### 300"));
    assertEquals(Optional.empty(), Numbers.last("the 2nd of x3"));
  }

  @Test
  void parametersAreTheSameInWhateverOrderAndWriting() {
    assertEquals(
        Numbers.of("He sold 48 clips in April and 24.0 in May, for 1,000 in all."),
        Numbers.of("For 1000 dollars: 24 in May, 48 in April"));
    assertFalse(Numbers.of("2 and 2").equals(Numbers.of("2")));
  }

  @Test
  void floatsHoldThemExactly() {
    for (String text :
        List.of("0", "-1", "16777217", "-16777217", "281474976710655", "0.1", "-123456.789")) {
      float[] three = new float[5];
      BigDecimal number = new BigDecimal(text);
      assertEquals(true, Numbers.write(number, three, 1), text);
      assertEquals(number, Numbers.read(three, 1));
    }
    assertFalse(Numbers.write(new BigDecimal("562949953421312"), new float[3], 0));
    assertFalse(Numbers.write(new BigDecimal("0.1234567891"), new float[3], 0));
  }
}
