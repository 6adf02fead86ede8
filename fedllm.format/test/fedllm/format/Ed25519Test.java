package fedllm.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Ed25519Test {

  /** RFC 8032, 7.1, test 1: the empty message. */
  private static final byte[] SECRET =
      hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

  private static final byte[] PUBLIC =
      hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

  private static final byte[] SIGNATURE =
      hex(
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
              + "39701cf9b46bd25bf5f0595bbe24655141438e7a100b");

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static byte[] behind(String prefix, byte[] key) {
    return hex(prefix + HexFormat.of().formatHex(key));
  }

  private static PrivateKey known() {
    String body =
        Base64.getEncoder().encodeToString(behind("302e020100300506032b657004220420", SECRET));
    return Ed25519.privateKey(
        "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
  }

  @Test
  void signsAsTheStandardSays() {
    assertArrayEquals(SIGNATURE, Ed25519.sign(known(), new byte[0]));
    assertEquals(
        Base64.getEncoder().encodeToString(behind("302a300506032b6570032100", PUBLIC)),
        Ed25519.text(Ed25519.publicOf(known())));
  }

  @Test
  void aPairSurvivesItsText() {
    KeyPair pair = Ed25519.newPair();
    PrivateKey again = Ed25519.privateKey(Ed25519.pem(pair.getPrivate()));
    assertEquals(Ed25519.text(pair.getPublic()), Ed25519.text(Ed25519.publicOf(again)));
    assertEquals(60, Ed25519.text(pair.getPublic()).length());
  }

  @Test
  void aSignatureFitsItsBytesAndItsKeyAlone() {
    KeyPair pair = Ed25519.newPair();
    byte[] bytes = {1, 2, 3};
    byte[] signature = Ed25519.sign(pair.getPrivate(), bytes);
    assertTrue(Ed25519.verify(pair.getPublic(), bytes, signature));
    assertFalse(Ed25519.verify(pair.getPublic(), new byte[] {1, 2, 4}, signature));
    assertFalse(Ed25519.verify(Ed25519.newPair().getPublic(), bytes, signature));
    assertFalse(Ed25519.verify(pair.getPublic(), bytes, new byte[5]));
    signature[0] ^= 1;
    assertFalse(Ed25519.verify(pair.getPublic(), bytes, signature));
  }

  @Test
  void whatIsNoKeyIsRefusedAndNothingOfItRepeated() {
    String pem = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    Exception e = assertThrows(IllegalArgumentException.class, () -> Ed25519.privateKey(pem));
    assertFalse(e.getMessage().contains("c2VjcmV0"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Ed25519.privateKey("secret"));
    assertThrows(IllegalArgumentException.class, () -> Ed25519.publicKey("MCow"));
  }
}
