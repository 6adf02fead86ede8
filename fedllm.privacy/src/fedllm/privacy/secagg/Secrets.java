package fedllm.privacy.secagg;

import fedllm.api.error.Ends;
import fedllm.api.error.Repeats;
import fedllm.privacy.secagg.Shamir.Share;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Shares as they are told, and the secrets that they give. Of a silo either the seed of its own
 * mask can be told, because it is in the sum, or its masking key, because it is not: who had both
 * could unmask its vector.
 */
final class Secrets {

  /** What shares are of. */
  enum Kind {
    NONE(0),
    OWN_MASK(1),
    MASKING_KEY(2);

    /** As it travels. */
    final int code;

    Kind(int code) {
      this.code = code;
    }

    static Kind of(float value) {
      for (Kind kind : values()) {
        if (kind.code == value) {
          return kind;
        }
      }
      throw new IllegalArgumentException("there is no kind of secret " + value);
    }
  }

  private final int threshold;
  private final int tellers;
  private final List<List<Share>> shares = new ArrayList<>();
  private final Kind[] kinds;

  Secrets(int silos, int threshold, int tellers) {
    this.threshold = threshold;
    this.tellers = tellers;
    this.kinds = new Kind[silos];
    for (int row = 0; row < silos; row++) {
      kinds[row] = Kind.NONE;
      shares.add(new ArrayList<>());
    }
  }

  /** Takes a holder's share of a silo's secret. */
  void add(int row, Kind kind, int holder, byte[] share) {
    if (kind == Kind.NONE) {
      return;
    }
    if (kinds[row] != Kind.NONE && kinds[row] != kind) {
      throw new Ends(
          "secagg: shares of both secrets of silo %d were told, which would unmask what it sent;"
                  .formatted(row)
              + " nothing is unmasked");
    }
    kinds[row] = kind;
    shares.get(row).add(new Share(holder + 1, new BigInteger(1, share)));
  }

  Kind kind(int row) {
    return kinds[row];
  }

  /** 32 bytes, which are as right as the shares were. */
  byte[] secret(int row) {
    List<Share> all = shares.get(row);
    if (all.size() < threshold) {
      throw new Repeats(
          "secagg: %d shares of silo %d came from %d silos, and it takes %d to unmask"
              .formatted(all.size(), row, tellers, threshold));
    }
    BigInteger secret = Shamir.OF_32_BYTES.at(0, all.subList(0, threshold));
    byte[] bytes = new byte[32];
    byte[] whole = secret.toByteArray();
    int count = Math.min(bytes.length, whole.length);
    System.arraycopy(whole, whole.length - count, bytes, bytes.length - count, count);
    return bytes;
  }
}
