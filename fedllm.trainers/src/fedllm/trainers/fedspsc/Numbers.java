package fedllm.trainers.fedspsc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbers of texts, as digits have them; words such as twice are none. */
final class Numbers {

  /** Floats that hold one exactly. */
  static final int FLOATS = 3;

  private static final Pattern NUMBER =
      Pattern.compile("(?<![\\w.])-?(\\d{1,3}(,\\d{3})+|\\d+)(\\.\\d+)?(?!\\w)");

  /** Bits of a whole number that a float holds. */
  private static final int BITS = 24;

  private static final int MOST_DECIMALS = 9;

  private Numbers() {}

  /** All of a text, in the order of their size: what a question's parameters are. */
  static List<BigDecimal> of(String text) {
    List<BigDecimal> numbers = inOrder(text);
    numbers.sort(null);
    return numbers;
  }

  /** The last one: what a written answer comes to. */
  static Optional<BigDecimal> last(String text) {
    List<BigDecimal> numbers = inOrder(text);
    return numbers.isEmpty() ? Optional.empty() : Optional.of(numbers.get(numbers.size() - 1));
  }

  private static List<BigDecimal> inOrder(String text) {
    List<BigDecimal> numbers = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      BigDecimal number = new BigDecimal(matcher.group().replace(",", "")).stripTrailingZeros();
      numbers.add(number.scale() < 0 ? number.setScale(0) : number);
    }
    return numbers;
  }

  /**
   * Writes a number as {@code (a 2^24 + b) 10^-c}.
   *
   * @return whether it fits: 48 bits, and 9 decimals
   */
  static boolean write(BigDecimal number, float[] out, int at) {
    BigInteger whole = number.unscaledValue();
    if (number.scale() > MOST_DECIMALS || whole.bitLength() > 2 * BITS) {
      return false;
    }
    long value = whole.longValueExact();
    out[at] = value >> BITS;
    out[at + 1] = value & ((1 << BITS) - 1);
    out[at + 2] = number.scale();
    return true;
  }

  /** What {@link #write} wrote. */
  static BigDecimal read(float[] values, int at) {
    long value = ((long) values[at] << BITS) + (long) values[at + 1];
    return BigDecimal.valueOf(value, (int) values[at + 2]);
  }
}
