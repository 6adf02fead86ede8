package fedllm.privacy.secagg;

import java.math.BigInteger;
import java.util.List;

/**
 * Shamir's secret sharing (CACM 22:11, 1979): the secret is a polynomial's value at 0, the share of
 * holder i its value at i, modulo a prime. Any {@code threshold} shares give the secret, fewer say
 * nothing of it.
 *
 * @param prime the field
 */
record Shamir(BigInteger prime) {

  /** The largest prime below 2^257, so that 32 bytes are an element. */
  static final Shamir OF_32_BYTES =
      new Shamir(BigInteger.ONE.shiftLeft(257).subtract(BigInteger.valueOf(93)));

  /** A share's bytes in the field of 32 bytes. */
  static final int SHARE_BYTES = 33;

  /**
   * A share.
   *
   * @param holder above zero
   */
  record Share(int holder, BigInteger value) {}

  /**
   * A holder's share.
   *
   * @param coefficients the secret, and the random ones by which a threshold of as many is needed
   */
  BigInteger share(List<BigInteger> coefficients, int holder) {
    BigInteger x = BigInteger.valueOf(holder);
    BigInteger y = BigInteger.ZERO;
    for (int i = coefficients.size() - 1; i >= 0; i--) {
      y = y.multiply(x).add(coefficients.get(i)).mod(prime);
    }
    return y;
  }

  /** The polynomial's value at a place, by Lagrange from as many shares as the threshold. */
  BigInteger at(int place, List<Share> shares) {
    BigInteger sum = BigInteger.ZERO;
    for (Share share : shares) {
      BigInteger over = BigInteger.ONE;
      BigInteger under = BigInteger.ONE;
      for (Share other : shares) {
        if (other.holder() != share.holder()) {
          over = over.multiply(BigInteger.valueOf(place - other.holder())).mod(prime);
          under = under.multiply(BigInteger.valueOf(share.holder() - other.holder())).mod(prime);
        }
      }
      sum = sum.add(share.value().multiply(over).multiply(under.modInverse(prime)));
    }
    return sum.mod(prime);
  }
}
