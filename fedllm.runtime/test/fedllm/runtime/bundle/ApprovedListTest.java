package fedllm.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.format.Ed25519;
import java.security.KeyPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApprovedListTest {

  private static final KeyPair KEY = Ed25519.newPair();
  private static final String PUBLIC = Ed25519.text(KEY.getPublic());
  private static final byte[] KRUM = Bundled.bytes("consortium.krum", "1.2.0");

  private final PluginBundle unsigned = new PluginBundle(KRUM, null);
  private final PluginBundle signed = new PluginBundle(KRUM, Seal.of(KEY.getPrivate(), KRUM));

  private static ApprovedList list(String text) {
    ApprovedList shipped =
        ApprovedList.read(
            ApprovedList.ruleFor(new PluginBundle(Bundled.bytes("house", "0.1.0"), null)),
            "shipped",
            ApprovedList.nothing("shipped"));
    return ApprovedList.read(text, "plugins.approved", shipped);
  }

  private static String refusal(String text, PluginBundle bundle) {
    ApprovedList list = list(text);
    return assertThrows(Refused.class, () -> list.approves(bundle)).getMessage();
  }

  @Test
  void aPublishersKeyLetsInWhatItSignedAndNothingElse() {
    String text = "# ours\n\n* key=" + PUBLIC + "  # until 2027\n";
    assertEquals("plugins.approved:3", list(text).approves(signed));
    assertTrue(refusal(text, unsigned).contains("nobody signed it"));
    Seal another = Seal.of(Ed25519.newPair().getPrivate(), KRUM);
    String why = refusal(text, new PluginBundle(KRUM, another));
    assertTrue(why.contains("the key that signed it, " + another.key()), why);
  }

  @Test
  void aSignatureOfOtherBytesIsRefusedEvenWhereTheHashIsRight() {
    byte[] other = Bundled.bytes("consortium.krum", "1.2.1");
    PluginBundle forged = new PluginBundle(KRUM, Seal.of(KEY.getPrivate(), other));
    String text = "* key=" + PUBLIC + "\n* sha256=" + forged.sha256() + "\n";
    assertTrue(refusal(text, forged).contains("does not fit its bytes"));
  }

  @Test
  void aHashLetsInTheseBytesAlone() {
    String text = ApprovedList.ruleFor(unsigned);
    assertEquals("plugins.approved:1", list(text).approves(unsigned));
    PluginBundle other = new PluginBundle(Bundled.bytes("consortium.krum", "1.2.1"), null);
    assertTrue(refusal(text, other).contains(other.sha256()));
  }

  @Test
  void theRuleForASignedBundleNamesItsPublisher() {
    String rule = ApprovedList.ruleFor(signed);
    assertEquals("consortium.krum 1.2.0 key=" + PUBLIC, rule);
    assertEquals("plugins.approved:1", list(rule).approves(signed));
  }

  @ParameterizedTest
  @CsvSource({
    "consortium.krum, true",
    "consortium.*, true",
    "*, true",
    "consortium, false",
    "other.*, false",
    "'* [1.0,2.0)', true",
    "'* [1.2.0,1.2.0]', true",
    "* 1.2.0, true",
    "* 1.1.0, false",
    "'* [1.0,1.2)', false"
  })
  void namesAndVersionsNarrowWhatAKeyMayPublish(String rule, boolean approved) {
    String text = rule + " key=" + PUBLIC;
    if (approved) {
      assertEquals("plugins.approved:1", list(text).approves(signed));
    } else {
      assertTrue(refusal(text, signed).contains("but not for consortium.krum 1.2.0"));
    }
  }

  @Test
  void shippedStandsForWhatCameWithTheProduct() {
    PluginBundle house = new PluginBundle(Bundled.bytes("house", "0.1.0"), null);
    assertEquals("shipped:1", list("shipped\n").approves(house));
    assertTrue(refusal("shipped\n", unsigned).contains("no line of the approved list"));
    assertTrue(refusal("", house).contains("no line of the approved list"));
  }

  @ParameterizedTest
  @CsvSource({
    "krum, proves nothing",
    "krum 1.0.0, proves nothing",
    "krum sha256=12, no SHA-256",
    "krum key=12, no public key",
    "'krum [1.0 key=%', range",
    "krum key=% 1.0 2.0, neither sha256=HEX nor key=KEY",
    "krum key=% x.y, invalid version"
  })
  void aWrongLineIsRefusedByItsNumber(String line, String why) {
    String text = "shipped\n" + line.replace("%", PUBLIC);
    String message = assertThrows(Refused.class, () -> list(text)).getMessage();
    assertTrue(message.startsWith("plugins.approved:2: "), message);
    assertTrue(message.contains(why), message);
  }

  @Test
  void whatIsNoBundleIsRefusedAlsoWithTheRightHash() {
    PluginBundle text = new PluginBundle(new byte[] {1, 2, 3}, null);
    assertTrue(refusal("* sha256=" + text.sha256(), text).contains("no bundle"));
  }

  @Test
  void aSignatureIsOneLine() {
    Seal seal = signed.seal();
    assertEquals(seal, Seal.parse(seal.line() + "\n"));
    assertThrows(Refused.class, () -> Seal.parse("rsa a b"));
    assertThrows(Refused.class, () -> Seal.parse("ed25519 " + PUBLIC));
    assertThrows(Refused.class, () -> Seal.parse("ed25519 " + PUBLIC + " %%%"));
    assertThrows(Refused.class, () -> Seal.parse("ed25519 MCow AAAA"));
  }
}
