package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.privacy.secagg.Shamir.Share;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShamirTest {

  @Test
  void theFieldIsOneAndHolds32Bytes() {
    BigInteger prime = Shamir.OF_32_BYTES.prime();
    assertTrue(prime.isProbablePrime(100));
    assertTrue(prime.bitLength() > 256 && prime.bitLength() <= 8 * Shamir.SHARE_BYTES);
  }

  @Test
  void anyThresholdOfSharesGivesTheSecret() {
    Random random = new Random(5);
    List<BigInteger> coefficients = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      coefficients.add(new BigInteger(256, random));
    }
    List<Share> shares = new ArrayList<>();
    for (int holder = 1; holder <= 20; holder++) {
      shares.add(new Share(holder, Shamir.OF_32_BYTES.share(coefficients, holder)));
    }
    for (int i = 0; i < 50; i++) {
      Collections.shuffle(shares, random);
      assertEquals(coefficients.get(0), Shamir.OF_32_BYTES.at(0, shares.subList(0, 7)));
    }
  }

  /** In a field so small that all polynomials can be counted. */
  @Test
  void oneShareTooFewFitsEverySecretEquallyOften() {
    int prime = 11;
    Shamir field = new Shamir(BigInteger.valueOf(prime));
    int[] fitting = new int[prime];
    for (int secret = 0; secret < prime; secret++) {
      for (int a = 0; a < prime; a++) {
        for (int b = 0; b < prime; b++) {
          List<BigInteger> coefficients =
              List.of(BigInteger.valueOf(secret), BigInteger.valueOf(a), BigInteger.valueOf(b));
          boolean fits =
              field.share(coefficients, 2).intValue() == 4
                  && field.share(coefficients, 7).intValue() == 9;
          fitting[secret] += fits ? 1 : 0;
        }
      }
    }
    for (int count : fitting) {
      assertEquals(1, count);
    }
  }
}
