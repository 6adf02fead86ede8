package fedllm.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged file is refused or is a whole one: never another exception, never more memory. */
class SafetensorsFuzzTest {

  /** What a refusal costs however small the file is: the parser's buffers, a stack, a message. */
  private static final long ALLOWED_BYTES = 16 << 10;

  /**
   * Objects for one byte of JSON; {@code "a":{...}} is 50 bytes for an entry, a name, two lists.
   */
  private static final long ALLOWED_FACTOR = 32;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  @Test
  void aMillionDamagedHeadersAreRefusedOrWhole() {
    Mutations mutations = new Mutations();
    int whole = 0;
    for (int number = 0; number < 1_000_000; number++) {
      byte[] file = mutations.file(number);
      long allowed = ALLOWED_BYTES + ALLOWED_FACTOR * file.length;
      Outcome outcome = read(number, file);
      // Whoever is the first on its way also pays for loading classes.
      if (outcome.allocated > allowed && read(number, file).allocated > allowed) {
        throw new AssertionError(number + " took " + outcome.allocated + " bytes: " + text(file));
      }
      if (outcome.refused == null) {
        whole++;
        tiles(outcome.header, file);
      } else {
        isReadable(outcome.refused);
      }
    }
    assertTrue(whole > 10_000 && whole < 900_000, whole + " of the damaged files are whole");
  }

  private record Outcome(SafetensorsHeader header, String refused, long allocated) {}

  private static Outcome read(int number, byte[] file) {
    SafetensorsHeader header = null;
    String refused = null;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      header = read(file);
    } catch (SitsOut e) {
      refused = e.getMessage();
    } catch (RuntimeException | Error e) {
      throw new AssertionError("file " + number + ": " + text(file), e);
    }
    return new Outcome(header, refused, THREADS.getCurrentThreadAllocatedBytes() - before);
  }

  /** The file as {@link SafetensorsFile} reads it, without a disk. */
  private static SafetensorsHeader read(byte[] file) {
    int length = HeaderJson.length("x", ByteBuffer.wrap(file), file.length);
    byte[] json = Arrays.copyOfRange(file, 8, 8 + length);
    return HeaderJson.read("x", json, file.length - 8L - length);
  }

  private static void tiles(SafetensorsHeader header, byte[] file) {
    long at = 0;
    Set<String> names = new HashSet<>();
    for (TensorInfo tensor : header.tensors()) {
      assertEquals(at, tensor.begin());
      assertEquals(tensor.elements() * tensor.dtype().bytes(), tensor.end() - tensor.begin());
      assertTrue(names.add(tensor.name()));
      at = tensor.end();
    }
    assertTrue(at <= file.length);
    byte[] again = HeaderJson.write(header);
    SafetensorsHeader back =
        HeaderJson.read("x", Arrays.copyOfRange(again, 8, again.length), header.dataBytes());
    assertEquals(Set.copyOf(header.tensors()), Set.copyOf(back.tensors()));
    assertEquals(header.metadata(), back.metadata());
  }

  /** A name in a file may be as long as the file and hold anything; a message is one short line. */
  private static void isReadable(String message) {
    assertTrue(message.length() < 1000, message);
    assertTrue(message.chars().noneMatch(Character::isISOControl), message);
  }

  @Test
  void damagedFilesThatAreMappedAreRefusedOrReadToTheEnd() throws IOException {
    Mutations mutations = new Mutations();
    Path path = folder.resolve("damaged.safetensors");
    int whole = 0;
    for (int number = 0; number < 5_000; number++) {
      byte[] file = mutations.file(number);
      try (FileChannel out =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        out.truncate(file.length);
        out.write(ByteBuffer.wrap(file), 0);
      }
      try (SafetensorsFile read = SafetensorsFile.open(path)) {
        whole++;
        for (TensorInfo tensor : read.header().tensors()) {
          readAll(read, tensor);
        }
      } catch (SitsOut refused) {
        isReadable(refused.getMessage().replace(path.toString(), "x"));
      }
    }
    assertTrue(whole > 50 && whole < 4_500, whole + " of the damaged files are whole");
  }

  private static void readAll(SafetensorsFile file, TensorInfo tensor) {
    int elements = Math.toIntExact(tensor.elements());
    assertEquals(tensor.bytes(), file.slice(tensor, 0, (int) tensor.bytes()).remaining());
    float[] values = new float[elements];
    switch (tensor.dtype()) {
      case F32, F16, BF16 -> file.floats(tensor, 0, values, 0, elements);
      default -> assertThrows(SitsOut.class, () -> file.floats(tensor, 0, values, 0, elements));
    }
  }

  /** The densest ways to say something: what each byte of them costs is bounded. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'a':{'dtype':'U8','shape':[@0],'data_offsets':[0,0]}} | 0,",
        "{'a':{'dtype':'U8','shape':[@0],'data_offsets':[0,0]}} | 200,",
        "{'a':{'dtype':'U8','shape':[0],'data_offsets':[@0]}} | 200,",
        "{@'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}} |"
            + " '#':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},",
        "{'__metadata__':{@'a':''}} | '#':'',",
        "{'__metadata__':{'a':'@'}} | xyz",
        "{'__metadata__':{'a':'@'}} | \\u0000",
        "{'@':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}} | \\u0000",
        "{'@':{'dtype':'U8','shape':[0],'data_offsets':[0,1]}} | xyz",
        "{'a':{'dtype':'@','shape':[0],'data_offsets':[0,0]}} | xyz",
        "{'a':{'@':'U8','shape':[0],'data_offsets':[0,0]}} | xyz",
        "{'a':@{}} | {'a':",
        "{'a':{'dtype':'U8','shape':@[]}} | [",
        "{'a':{'dtype':'U8','shape':[@]}} | 9",
        "{@} | \u00a0",
        "{'a':1}@ | {}",
      })
  void memoryGrowsNoFasterThanTheHeader(String made) {
    String[] parts = made.replace('\'', '"').split(" \\| ", 2);
    StringBuilder many = new StringBuilder();
    for (int i = 0; many.length() < 1 << 20; i++) {
      many.append(parts[1].replace("#", Integer.toString(i, 36)));
    }
    byte[] json = parts[0].replace("@", many).getBytes(UTF_8);
    long allocated = 0;
    for (int times = 0; times < 2; times++) { // the first run also loads classes
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        HeaderJson.read("x", json, 0);
      } catch (SitsOut refused) {
        isReadable(refused.getMessage());
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    long factor = allocated / json.length;
    assertTrue(factor <= ALLOWED_FACTOR, factor + " bytes for each byte of " + parts[0]);
  }

  private static String text(byte[] file) {
    return new String(file, UTF_8);
  }
}
