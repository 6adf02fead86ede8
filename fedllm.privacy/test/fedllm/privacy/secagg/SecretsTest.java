package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.Ends;
import fedllm.api.error.Repeats;
import org.junit.jupiter.api.Test;

class SecretsTest {

  private final Secrets secrets = new Secrets(5, 3, 4);

  private static byte[] share(int value) {
    byte[] share = new byte[Shamir.SHARE_BYTES];
    share[share.length - 1] = (byte) value;
    return share;
  }

  @Test
  void bothSecretsOfASiloAreRefused() {
    secrets.add(2, Secrets.Kind.OWN_MASK, 0, share(1));
    secrets.add(3, Secrets.Kind.MASKING_KEY, 0, share(1));
    secrets.add(2, Secrets.Kind.NONE, 3, share(1));
    Ends refused =
        assertThrows(Ends.class, () -> secrets.add(2, Secrets.Kind.MASKING_KEY, 1, share(2)));
    assertEquals(
        "secagg: shares of both secrets of silo 2 were told, which would unmask what it sent;"
            + " nothing is unmasked",
        refused.getMessage());
  }

  @Test
  void fewerSharesThanTheThresholdGiveNothing() {
    secrets.add(1, Secrets.Kind.OWN_MASK, 0, share(7));
    secrets.add(1, Secrets.Kind.OWN_MASK, 4, share(7));
    Repeats few = assertThrows(Repeats.class, () -> secrets.secret(1));
    assertEquals(
        "secagg: 2 shares of silo 1 came from 4 silos, and it takes 3 to unmask", few.getMessage());
    secrets.add(1, Secrets.Kind.OWN_MASK, 2, share(7));
    assertEquals(7, secrets.secret(1)[31]);
  }
}
