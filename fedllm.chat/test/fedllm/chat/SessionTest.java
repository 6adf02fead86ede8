package fedllm.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;

class SessionTest {

  private final Parrot parrot = new Parrot();

  @Test
  void answersUntilTheInputEnds() throws IOException {
    String shown = shown("Hello there!\n/reset\n/help\nBye\n", signals -> () -> {});
    assertTrue(shown.contains("Hello there!"), shown);
    assertTrue(shown.contains("(all is forgotten)"), shown);
    assertTrue(shown.contains("(there are /reset and /quit)"), shown);
    assertEquals(List.of("Hello there!", "Bye"), parrot.heard);
    assertEquals(1, parrot.resets);
  }

  @Test
  void endsAnAnswerAndNotTheTalkWhenInterrupted() throws IOException {
    String shown =
        shown("eins zwei drei vier\nNext\n/quit\n", terminal -> () -> terminal.raise(Signal.INT));
    assertTrue(shown.contains("eins zwei"), shown);
    assertFalse(shown.contains("eins zwei drei\n"), shown);
    assertTrue(shown.contains("(stopped)"), shown);
    assertEquals(List.of("eins zwei drei vier", "Next"), parrot.heard);
  }

  private String shown(String in, Function<Terminal, Runnable> afterFirstWord) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Terminal terminal =
        new DumbTerminal(
            "test",
            Terminal.TYPE_DUMB,
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            out,
            StandardCharsets.UTF_8)) {
      parrot.afterFirstWord = afterFirstWord.apply(terminal);
      new Session(parrot, terminal).run();
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
