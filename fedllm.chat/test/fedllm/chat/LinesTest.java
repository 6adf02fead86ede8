package fedllm.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {

  private final Parrot parrot = new Parrot();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void printsAnswersAloneOneForEachLine() throws IOException {
    assertEquals("Grüß Gott\nand you?\n", said("Grüß Gott\n\nand you?\n"));
  }

  @Test
  void obeysWhatIsNotForTheModel() throws IOException {
    assertEquals("one\ntwo\n", said("one\n/reset\ntwo\n /quit \nthree\n"));
    assertEquals(List.of("one", "two"), parrot.heard);
    assertEquals(1, parrot.resets);
  }

  private String said(String in) throws IOException {
    PrintStream print = new PrintStream(out, false, StandardCharsets.UTF_8);
    new Lines(parrot, print).run(new BufferedReader(new StringReader(in)));
    return out.toString(StandardCharsets.UTF_8);
  }
}
