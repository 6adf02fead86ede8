package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The primitives against their standards' vectors, and what is made of them. */
class CryptoTest {

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void agreesAsSection61OfRfc7748() {
    byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    byte[] alicePublic = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    byte[] bobPublic = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assertArrayEquals(alicePublic, Curve.publicKey(alice));
    assertArrayEquals(bobPublic, Curve.publicKey(bob));
    assertArrayEquals(shared, Curve.agree(alice, bobPublic));
    assertArrayEquals(shared, Curve.agree(bob, alicePublic));
  }

  @Test
  void aPointOfSmallOrderIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Curve.agree(Hkdf.key(new byte[32], "x"), new byte[32]));
  }

  @Test
  void derivesAsAppendixAOfRfc5869() {
    byte[] secret = new byte[22];
    Arrays.fill(secret, (byte) 0x0b);
    byte[] key = Hkdf.extract(hex("000102030405060708090a0b0c"), secret);
    assertArrayEquals(hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"), key);
    assertArrayEquals(
        hex(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                + "34007208d5b887185865"),
        Hkdf.expand(key, hex("f0f1f2f3f4f5f6f7f8f9"), 42));
    byte[] bare = Hkdf.extract(new byte[0], secret);
    assertArrayEquals(
        hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"), bare);
    assertArrayEquals(
        hex(
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                + "9d201395faa4b61a96c8"),
        Hkdf.expand(bare, new byte[0], 42));
  }

  @Test
  void onlyTheHolderOpensWhatIsSealedForIt() {
    Keys from = new Keys(Hkdf.key(new byte[32], "a"));
    Keys to = new Keys(Hkdf.key(new byte[32], "b"));
    Keys other = new Keys(Hkdf.key(new byte[32], "c"));
    byte[] sealed = from.seal(3, 5, to.publicBytes(), 4);
    assertEquals(Keys.SEALED_BYTES, sealed.length);
    assertEquals(2 * Shamir.SHARE_BYTES, to.open(sealed, 3, from.publicBytes(), 5).length);
    assertNull(other.open(sealed, 3, from.publicBytes(), 5));
    assertNull(to.open(sealed, 3, from.publicBytes(), 6));
    sealed[10] ^= 1;
    assertNull(to.open(sealed, 3, from.publicBytes(), 5));
  }

  @Test
  void bothEndsOfAPairHaveOneMaskAndEachSiloAnother() {
    Keys a = new Keys(Hkdf.key(new byte[32], "a"));
    Keys b = new Keys(Hkdf.key(new byte[32], "b"));
    assertArrayEquals(
        Keys.pairMask(a.masking(), b.publicBytes()), Keys.pairMask(b.masking(), a.publicBytes()));
    assertNotEquals(
        HexFormat.of().formatHex(Keys.ownMask(a.own())),
        HexFormat.of().formatHex(Keys.ownMask(b.own())));
  }

  @Test
  void aMaskStandsWhereItStandsHoweverItIsRead() {
    byte[] key = Hkdf.key(new byte[32], "mask");
    Mask mask = new Mask();
    int[] whole = new int[40_000];
    mask.add(key, 0, whole, true);
    for (int from : new int[] {1, 2, 3, 4, 16_383, 20_001}) {
      int[] part = new int[17_001];
      mask.add(key, from, part, true);
      assertArrayEquals(Arrays.copyOfRange(whole, from, from + part.length), part);
    }
    mask.add(key, 0, whole, false);
    assertArrayEquals(new int[40_000], whole);
  }
}
