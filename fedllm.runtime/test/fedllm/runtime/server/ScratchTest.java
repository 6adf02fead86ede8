package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {

  private static final int MB = 1 << 20;

  @TempDir private Path folder;

  @Test
  void givesBackWhatItTookAcrossItsWindows() {
    Random random = new Random(1);
    try (Scratch scratch = new Scratch(folder.resolve("run/updates.tmp"), 64 * MB)) {
      for (int round = 0; round < 3; round++) {
        List<byte[]> sent = new ArrayList<>();
        List<ByteBuffer> kept = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          byte[] bytes = new byte[i % 4 == 3 ? 17 * i : MB];
          random.nextBytes(bytes);
          ByteBuffer body = ByteBuffer.wrap(bytes);
          kept.add(scratch.put(body));
          assertEquals(bytes.length, body.remaining(), "it leaves the record alone");
          sent.add(bytes);
        }
        for (int i = 0; i < sent.size(); i++) {
          assertEquals(ByteBuffer.wrap(sent.get(i)), kept.get(i));
        }
        scratch.clear();
      }
    }
  }

  @Test
  void takesNoMoreThanItsLimitAndEverythingAnewOnceItIsCleared() {
    ByteBuffer body = ByteBuffer.allocate(MB);
    try (Scratch scratch = new Scratch(folder.resolve("updates.tmp"), 33 * MB)) {
      for (int again = 0; again < 2; again++) {
        for (int i = 0; i < 32; i++) {
          assertEquals(body, scratch.put(body));
        }
        assertNull(scratch.put(body));
        scratch.clear();
      }
    }
  }

  @Test
  void leavesNoFileBehindWhateverEndsTheProcess() throws IOException {
    try (Scratch scratch = new Scratch(folder.resolve("updates.tmp"), 32 * MB)) {
      assertEquals(1, scratch.put(ByteBuffer.allocate(1)).remaining());
      try (Stream<Path> files = Files.list(folder)) {
        assertTrue(files.findAny().isEmpty());
      }
    }
  }

  @Test
  void aDiskThatTakesNothingMeansTheLog() throws IOException {
    Path file = Files.createFile(folder.resolve("no-folder"));
    try (Scratch scratch = new Scratch(file.resolve("updates.tmp"), 32 * MB)) {
      assertNull(scratch.put(ByteBuffer.allocate(1)));
      assertNull(scratch.put(ByteBuffer.allocate(1)));
    }
  }
}
