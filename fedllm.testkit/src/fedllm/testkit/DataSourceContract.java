package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every data source promises. The texts of the files are made of the word {@code secret}. */
public interface DataSourceContract {

  /** Records in the contract's files. */
  int RECORDS = 3000;

  /** The plugin. */
  DataSource source();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  /** What its files are called, such as {@code rows.csv}. */
  String name();

  /** What stands before the first record. */
  default String start() {
    return "";
  }

  /** A record, 0 for the first. */
  String record(int number);

  /** What stands after the last record. */
  default String end() {
    return "";
  }

  /** What stands in a record's place and is none; empty where any text is a record. */
  String broken();

  /** A whole file's bytes; formats that are not text write their own. */
  default byte[] file(int records) {
    StringBuilder text = new StringBuilder(start());
    for (int i = 0; i < records; i++) {
      text.append(record(i));
    }
    return text.append(end()).toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a file may also be packed by gzip. */
  default boolean unpacks() {
    return true;
  }

  @Test
  default void readsEveryRecordInOrderAndTheSameAgain(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve(name()), file(RECORDS));
    List<Row> rows = rows(file);
    assertEquals(RECORDS, rows.size());
    assertEquals(rows, rows(file));
    for (int i = 1; i < rows.size(); i++) {
      assertTrue(rows.get(i - 1).line() <= rows.get(i).line(), "line of record " + i);
    }
  }

  @Test
  default void readsWhatIsPackedAsWhatIsNot(@TempDir Path folder) throws IOException {
    if (unpacks()) {
      Path plain = Files.write(folder.resolve(name()), file(50));
      Path packed = Files.write(folder.resolve(name() + ".gz"), packed(file(50)));
      assertEquals(rows(plain), rows(packed));
    }
  }

  @Test
  default void refusesWhatIsCutOffWhilePacked(@TempDir Path folder) throws IOException {
    if (unpacks()) {
      byte[] whole = packed(file(RECORDS));
      Path file =
          Files.write(
              folder.resolve(name() + ".gz"),
              Arrays.copyOf(whole, whole.length - whole.length / 3));
      assertRefused(file);
    }
  }

  /** What was read is free again while the stream goes on: a file may be larger than memory. */
  @Test
  default void holdsNoRowsThatWereReadAlready(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve(name()), file(RECORDS));
    List<WeakReference<Row>> seen = new ArrayList<>();
    try (Stream<Row> rows = source().read(options(), file)) {
      Iterator<Row> each = rows.iterator();
      for (int i = 0; i < RECORDS - 1; i++) {
        seen.add(new WeakReference<>(each.next()));
      }
      System.gc();
      long held = seen.stream().filter(row -> row.get() != null).count();
      assertTrue(held <= RECORDS / 10, held + " of " + RECORDS + " rows are in memory");
      assertTrue(each.hasNext());
    }
  }

  @Test
  default void namesTheLineOfABrokenRecordAndRepeatsNothingOfIt(@TempDir Path folder)
      throws IOException {
    if (!broken().isEmpty()) {
      StringBuilder text = new StringBuilder(start());
      text.append(record(0)).append(record(1));
      long line = text.chars().filter(c -> c == '\n').count() + 1;
      Path file = Files.writeString(folder.resolve(name()), text + broken() + end());
      SitsOut error = assertRefused(file);
      assertTrue(error.getMessage().startsWith(name() + ":" + line + ": "), error.getMessage());
    }
  }

  @Test
  default void namesAFileThatIsNotThere(@TempDir Path folder) {
    assertRefused(folder.resolve(name()));
  }

  @Test
  default void refusesAFolder(@TempDir Path folder) throws IOException {
    assertRefused(Files.createDirectory(folder.resolve(name())));
  }

  @Test
  default void refusesBytesThatAreNoFileOfItsKind(@TempDir Path folder) throws IOException {
    byte[] bytes = new byte[5000];
    Arrays.fill(bytes, (byte) 0xC3);
    assertRefused(Files.write(folder.resolve(name()), bytes));
  }

  private SitsOut assertRefused(Path file) {
    SitsOut error = assertThrows(SitsOut.class, () -> rows(file));
    String said = error.getMessage();
    assertTrue(said.startsWith(file.getFileName().toString()), said);
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      assertFalse(message.contains("secret"), message);
    }
    return error;
  }

  private List<Row> rows(Path file) {
    try (Stream<Row> rows = source().read(options(), file)) {
      return rows.toList();
    }
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
