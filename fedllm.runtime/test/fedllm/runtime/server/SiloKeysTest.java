package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.planner.Task;
import fedllm.format.Ed25519;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.SignedText;
import fedllm.runtime.message.Word;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.PrivateKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SiloKeysTest {

  private static final Attempt ATTEMPT = new Attempt("r-1", 3, 7);
  private static final Word.Begin BEGIN = new Word.Begin(ATTEMPT, Task.TRAIN, 40, "ba5e");
  private static final Word.Manifest MANIFEST =
      new Word.Manifest(
          ATTEMPT,
          2,
          1_500_000,
          "0123",
          Map.of("loss", 0.1, "a b\nsilo c", 1.0),
          11,
          12,
          Map.of("adapter_config.json", "{}"),
          List.of("trainer"),
          "");

  private final PrivateKey bank = Ed25519.newPair().getPrivate();
  private final PrivateKey other = Ed25519.newPair().getPrivate();
  private final Map<String, String> told = new TreeMap<>();

  @TempDir private Path folder;

  private Path list() {
    return folder.resolve("silos.keys");
  }

  private SiloKeys keys() {
    return new SiloKeys("hospitals", list(), told::put);
  }

  private static String shown(PrivateKey key) {
    return Ed25519.text(Ed25519.publicOf(key));
  }

  private static Word.Joined joined(PrivateKey key) {
    return new Word.Joined("a machine", List.of(), shown(key));
  }

  private static Word.Manifest signed(PrivateKey key) {
    return SignedText.sign(key, "hospitals", "bank", BEGIN, MANIFEST);
  }

  @Test
  void whatIsSignedIsTextThatAnyToolCanMakeAgain() {
    assertEquals(
        """
        fedllm manifest 1
        federation hospitals
        silo bank
        run r-1
        round 3
        attempt 7
        task TRAIN
        examples 40
        base ba5e
        chunks 2
        bytes 1500000
        sha256 0123
        sent 11
        received 12
        afresh trainer
        metric a+b%0Asilo+c 0x1.0p0
        metric loss 0x1.999999999999ap-4
        file adapter_config.json 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
        """,
        new String(SignedText.of("hospitals", "bank", BEGIN, MANIFEST), StandardCharsets.UTF_8));
  }

  @Test
  void theFirstKeyThatIsHeardOfIsTheSilosAlsoAfterARestart() {
    SiloKeys keys = keys();
    assertTrue(keys.admits("bank", joined(bank)));
    assertTrue(keys.admits("bank", joined(bank)));
    assertEquals(Map.of("bank", shown(bank)), told);
    assertFalse(keys.admits("bank", joined(other)));
    assertTrue(keys.refused().get("bank").contains(shown(bank)), keys.refused().toString());
    assertTrue(keys.refused().get("bank").contains("silos.keys"), keys.refused().toString());

    SiloKeys again = keys();
    again.pinned(told);
    assertFalse(again.admits("bank", joined(other)));
    assertTrue(again.admits("bank", joined(bank)));
    assertEquals(Map.of(), again.refused());
  }

  @Test
  void whoNamesNoKeyIsNotLetIn() {
    SiloKeys keys = keys();
    assertFalse(keys.admits("bank", new Word.Joined("a machine", List.of(), "")));
    assertTrue(keys.refused().get("bank").contains("no key"), keys.refused().toString());
    assertFalse(keys.admits("bank", new Word.Joined("a machine", List.of(), "bm9uZQ==")));
    assertTrue(keys.refused().get("bank").contains("none of Ed25519"), keys.refused().toString());
  }

  @Test
  void onlyTheSiloItselfSignsAndOnlyWhatItSaid() {
    SiloKeys keys = keys();
    keys.admits("bank", joined(bank));
    assertFalse(keys.hasBegun("bank", "r-1"));
    assertFalse(keys.signed("bank", signed(bank)), "nothing has begun");
    keys.begins("bank", BEGIN);
    assertTrue(keys.hasBegun("bank", "r-1"));
    assertTrue(keys.signed("bank", signed(bank)));
    assertFalse(keys.signed("bank", MANIFEST), "it is not signed");
    assertFalse(keys.signed("bank", MANIFEST.signed("***")), "no Base64");
    assertFalse(keys.signed("bank", signed(other)));
    keys.begins("clinic", BEGIN);
    keys.admits("clinic", joined(bank));
    assertFalse(keys.signed("clinic", signed(bank)), "it is signed as another silo");
    keys.begins("bank", new Word.Begin(ATTEMPT, Task.TRAIN, 41, "ba5e"));
    assertFalse(keys.signed("bank", signed(bank)), "it began with other examples");
    keys.begins("bank", new Word.Begin(new Attempt("r-1", 3, 8), Task.TRAIN, 40, "ba5e"));
    assertFalse(keys.signed("bank", signed(bank)), "it is of another attempt");
    keys.forget("r-1");
    assertFalse(keys.hasBegun("bank", "r-1"));
  }

  @Test
  void whereThereIsAListItAloneCountsAndAsItIsNow() throws Exception {
    Files.writeString(list(), "# ours\nbank   " + shown(other) + " # new in May\n\n");
    SiloKeys keys = keys();
    keys.pinned(Map.of("bank", shown(bank), "clinic", shown(bank)));
    assertFalse(keys.admits("bank", joined(bank)));
    assertTrue(keys.admits("bank", joined(other)));
    assertFalse(keys.admits("clinic", joined(bank)));
    assertTrue(
        keys.refused().get("clinic").contains("it is not in " + list()), keys.refused().toString());
    assertEquals(Map.of(), told, "nothing is pinned beside a list");

    Files.writeString(list(), "bank " + shown(bank) + "\nclinic " + shown(bank) + "\n");
    Files.setLastModifiedTime(list(), FileTime.fromMillis(1_000));
    assertTrue(keys.admits("clinic", joined(bank)));
    Files.writeString(list(), "torn");
    Files.setLastModifiedTime(list(), FileTime.fromMillis(2_000));
    assertTrue(keys.admits("clinic", joined(bank)), "the list as it was before counts");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bank | a line is NAME KEY",
        "bank key | no public key",
        "Bank KEY | lower-case",
        "bank KEY;bank KEY | line 2: bank is there twice"
      })
  void aListThatCannotBeReadIsRefusedWithItsLine(String text, String part) throws Exception {
    Files.writeString(list(), text.replace("KEY", shown(bank)).replace(';', '\n'));
    String said = assertThrows(Refused.class, this::keys).getMessage();
    assertTrue(said.contains(part) && said.contains("silos.keys, line "), said);
  }
}
