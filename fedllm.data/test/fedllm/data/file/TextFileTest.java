package fedllm.data.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {

  @TempDir Path folder;

  @Test
  void readsLinesWhateverTheirEnd() throws IOException {
    try (TextFile file = new TextFile(Given.file(folder, "a.txt", "\uFEFFone\r\n\ntwo\nthr€e"))) {
      assertEquals("one", file.line());
      assertEquals("", file.line());
      assertEquals("two", file.line());
      assertEquals("thr€e", file.line());
      assertEquals(4, file.lineNumber());
      assertNull(file.line());
    }
  }

  @Test
  void readsCharactersThatLieAcrossBuffers() throws IOException {
    String text = "x" + "€😀".repeat(50_000);
    try (TextFile file = new TextFile(Given.file(folder, "a.txt", text))) {
      assertEquals(text, file.line());
    }
  }

  @Test
  void unpacksWhatEndsInGz() throws IOException {
    Path packed = folder.resolve("a.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write("one\ntwo".getBytes(UTF_8));
    }
    try (TextFile file = new TextFile(packed)) {
      assertEquals("one", file.line());
      assertEquals("two", file.line());
      assertNull(file.line());
    }
  }

  @Test
  void refusesAPackedFileThatWasCutShort() throws IOException {
    Path packed = folder.resolve("a.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      for (int i = 0; i < 10_000; i++) {
        out.write(("line " + i * 7919 + "\n").getBytes(UTF_8));
      }
    }
    byte[] all = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(all, all.length / 2));
    try (TextFile file = new TextFile(packed)) {
      SitsOut error = assertThrows(SitsOut.class, () -> readAll(file));
      assertTrue(error.getMessage().startsWith("a.txt.gz: "), error.getMessage());
    }
  }

  @Test
  void namesTheLineThatIsNotUtf8AndRepeatsNothingOfIt() throws IOException {
    Path file = folder.resolve("latin.txt");
    Files.write(file, "fine\nfine\nSch\u00F6n\nfine".getBytes(ISO_8859_1));
    try (TextFile text = new TextFile(file)) {
      SitsOut error = assertThrows(SitsOut.class, () -> readAll(text));
      assertTrue(error.getMessage().startsWith("latin.txt:3: "), error.getMessage());
      assertFalse(error.getMessage().contains("Sch"), error.getMessage());
    }
  }

  @Test
  void refusesACharacterThatIsCutOffAtTheEnd() throws IOException {
    Path file = folder.resolve("cut.txt");
    Files.write(file, new byte[] {'a', '\n', 'b', (byte) 0xE2, (byte) 0x82});
    try (TextFile text = new TextFile(file)) {
      SitsOut error = assertThrows(SitsOut.class, () -> readAll(text));
      assertTrue(error.getMessage().startsWith("cut.txt:2: "), error.getMessage());
    }
  }

  @Test
  void refusesALineWithoutEnd() throws IOException {
    Path file = folder.resolve("long.txt");
    byte[] line = new byte[TextFile.MAX_LINE + 3];
    Arrays.fill(line, (byte) 'x');
    line[1] = '\n';
    Files.write(file, line);
    try (TextFile text = new TextFile(file)) {
      assertEquals("x", text.line());
      SitsOut error = assertThrows(SitsOut.class, text::line);
      assertTrue(error.getMessage().startsWith("long.txt:2: "), error.getMessage());
    }
  }

  @Test
  void saysThatThereIsNoSuchFile() {
    SitsOut error = assertThrows(SitsOut.class, () -> new TextFile(folder.resolve("none.csv")));
    assertTrue(error.getMessage().contains("none.csv"), error.getMessage());
    assertTrue(error.getMessage().contains("no such file"), error.getMessage());
  }

  private static void readAll(TextFile file) {
    while (file.line() != null) {
      assertTrue(file.lineNumber() > 0);
    }
  }
}
