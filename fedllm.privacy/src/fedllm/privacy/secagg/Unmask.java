package fedllm.privacy.secagg;

import fedllm.api.error.Repeats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The masks that are left on a sum: the own ones of those that are in it, and the ones that they
 * share with those that dropped out.
 */
final class Unmask {

  /** The first value's place in every mask; the weight stands at 0. */
  static final long FIRST = 1;

  /**
   * A mask.
   *
   * @param plus whether the sum has it with this sign
   */
  private record Left(byte[] key, boolean plus) {}

  private final FixedPoint rule;
  private final List<Left> masks;
  private long weights;

  private Unmask(FixedPoint rule, List<Left> masks) {
    this.rule = rule;
    this.masks = masks;
  }

  /**
   * Out of the book, and of the secrets that were told.
   *
   * @param book rule, keys, roll
   * @param told kinds, secrets
   * @throws Repeats where a secret is missing, or not the one that its owner promised
   */
  static Unmask of(int silos, float[] book, float[] told) {
    byte[][] keys = new byte[silos][];
    byte[][] secrets = new byte[silos][];
    int[] roll = new int[silos];
    for (int row = 0; row < silos; row++) {
      int at = FixedPoint.VALUES + row * Book.KEY_VALUES;
      keys[row] = Whole.bytes(book, at, Keys.PUBLIC_BYTES);
      roll[row] = (int) book[FixedPoint.VALUES + silos * Book.KEY_VALUES + row];
      secrets[row] =
          secret(row, roll[row], keys[row], told[row], told, silos + row * Book.SHARE_VALUES);
    }
    List<Left> masks = new ArrayList<>();
    for (int u = 0; u < silos; u++) {
      if (roll[u] == 2) {
        masks.add(new Left(Keys.ownMask(secrets[u]), true));
        for (int v = 0; v < silos; v++) {
          if (roll[v] == 1) {
            masks.add(new Left(Keys.pairMask(secrets[v], keys[u]), plus(u, v)));
          }
        }
      }
    }
    return new Unmask(FixedPoint.of(book), masks);
  }

  /** Whether u adds the mask that it shares with v; else it takes it away. */
  static boolean plus(int u, int v) {
    return u < v;
  }

  private static byte[] secret(int row, int roll, byte[] keys, float kind, float[] told, int at) {
    if (roll == 0) {
      return new byte[0];
    }
    Secrets.Kind needed = roll == 2 ? Secrets.Kind.OWN_MASK : Secrets.Kind.MASKING_KEY;
    if (kind != needed.code) {
      throw new Repeats(
          "secagg: nobody told a share of silo %d by which its mask could be taken away"
              .formatted(row));
    }
    byte[] secret = Whole.bytes(told, at, 32);
    boolean right =
        roll == 2
            ? Keys.isOwn(secret, keys)
            : Arrays.equals(Curve.publicKey(secret), Keys.maskingKey(keys));
    if (!right) {
      throw new Repeats(
          "secagg: the shares of silo %d give another secret than it promised; it or one of those"
                  .formatted(row)
              + " that told them lies");
    }
    return secret;
  }

  /** Takes the masks off sums whose first one's place is {@code position}. */
  void from(Mask mask, long position, int[] sums) {
    for (Left left : masks) {
      mask.add(left.key(), position, sums, !left.plus());
    }
  }

  /** The examples of all that are in the sum. */
  void weighed(int sum) {
    weights = Integer.toUnsignedLong(sum);
    if (weights == 0) {
      throw new Repeats("secagg: the sum has no examples");
    }
  }

  float mean(int sum) {
    return rule.mean(sum, weights);
  }
}
