package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.runtime.message.Word;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SilosTest {

  private final Silos silos = new Silos();

  @Test
  void aSiloThatWasLostIsBackWithItsNextBeat() {
    silos.join("bank", new Word.Joined("a machine", List.of()));
    silos.leave("bank");
    assertEquals(List.of(), silos.present());
    assertTrue(silos.beat("bank", new Word.Beat(Map.of())));
    assertEquals(List.of("bank"), silos.present());
    assertFalse(silos.beat("bank", new Word.Beat(Map.of())), "it was not away");
  }

  @Test
  void whoNeverJoinedIsAStrangerWhateverBeats() {
    assertFalse(silos.beat("nobody", new Word.Beat(Map.of())));
    assertEquals(List.of(), silos.present());
  }
}
