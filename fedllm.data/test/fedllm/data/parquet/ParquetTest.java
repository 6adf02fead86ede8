package fedllm.data.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
import fedllm.testkit.DataSourceContract;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files beside this class were written by pyarrow 25, another implementation of the format. */
class ParquetTest implements DataSourceContract {

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType("message rows { required binary text (STRING); }");

  @TempDir Path folder;

  @Override
  public DataSource source() {
    return new Parquet();
  }

  @Override
  public String name() {
    return "rows.parquet";
  }

  @Override
  public String record(int number) {
    return "secret " + number;
  }

  @Override
  public String broken() {
    return "";
  }

  @Override
  public boolean unpacks() {
    return false;
  }

  @Override
  public byte[] file(int records) {
    Path file = folder.resolve("written.parquet");
    try {
      Files.deleteIfExists(file);
      try (ParquetWriter<Group> writer =
          ExampleParquetWriter.builder(new LocalOutputFile(file))
              .withConf(new PlainParquetConfiguration())
              .withType(SCHEMA)
              .withRowGroupRowCountLimit(100)
              .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
              .build()) {
        SimpleGroupFactory groups = new SimpleGroupFactory(SCHEMA);
        for (int i = 0; i < records; i++) {
          writer.write(groups.newGroup().append("text", record(i)));
        }
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4", "delta"})
  void readsWhatOthersWriteInEveryCommonCompression(String name) throws IOException {
    List<Row> rows = rows(given(name));
    assertEquals(20, rows.size());
    assertEquals(new Row(1, Map.of("text", "secret 0 é", "label", "l0")), rows.get(0));
    assertEquals(new Row(20, Map.of("text", "secret 19 é", "label", "l1")), rows.get(19));
  }

  @Test
  void refusesACompressionThatIsNotCommonByItsName() throws IOException {
    Path file = given("brotli");
    SitsOut error = assertThrows(SitsOut.class, () -> rows(file));
    assertTrue(error.getMessage().startsWith("brotli.parquet: "), error.getMessage());
    assertTrue(error.getMessage().contains("BROTLI"), error.getMessage());
  }

  @Test
  void readsAListOfTurnsAsAConversation() throws IOException {
    List<Row> rows = rows(given("chat"));
    assertEquals(
        new Row(
            2,
            Map.of("id", "1"),
            List.of(
                new Turn(Role.SYSTEM, "s"),
                new Turn(Role.USER, "q1"),
                new Turn(Role.ASSISTANT, "a1"))),
        rows.get(1));
  }

  @Test
  void namesTheRowOfATurnOfNobodyAndRepeatsNothingOfIt() throws IOException {
    Path file = given("nobody");
    SitsOut error = assertThrows(SitsOut.class, () -> rows(file));
    assertTrue(
        error.getMessage().startsWith("nobody.parquet:1: turn 2 is from nobody"),
        error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
  }

  @Test
  void flattensWhatIsNestedAsFromJson() throws IOException {
    List<Row> rows = rows(given("types"));
    assertEquals(
        Map.ofEntries(
            Map.entry("s", "x"),
            Map.entry("n", "1"),
            Map.entry("f", "1.5"),
            Map.entry("b", "true"),
            Map.entry("l", "a\nb"),
            Map.entry("st.p.q", "deep"),
            Map.entry("ls.0.i", "1"),
            Map.entry("ls.1.i", "2"),
            Map.entry("ll.0", "a"),
            Map.entry("ll.1", "b\nc"),
            Map.entry("d", "2024-01-02"),
            Map.entry("ts", "2024-01-02T03:04:05Z"),
            Map.entry("dec", "1.50"),
            Map.entry("m.k", "v"),
            Map.entry("m.k2", "v2")),
        rows.get(0).fields(),
        "the bytes of bin are no text");
    assertEquals("", rows.get(1).fields().get("f"));
    assertEquals("", rows.get(1).fields().get("l"));
    assertEquals("ok", rows.get(1).fields().get("bin"));
    assertEquals("", rows.get(2).fields().get("st"));
  }

  /** Whatever is damaged, the file is read or refused by name, and tells nothing of its text. */
  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    byte[] whole = Files.readAllBytes(given("zstd"));
    SplittableRandom random = new SplittableRandom(5);
    Path file = folder.resolve("damaged.parquet");
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      try {
        assertTrue(rows(file).size() <= 40);
      } catch (SitsOut e) {
        refused++;
        assertTrue(e.getMessage().startsWith("damaged.parquet"), e.getMessage());
        assertFalse(e.getMessage().contains("secret"), e.getMessage());
      }
    }
    assertTrue(refused > 100, refused + " were refused");
  }

  private Path given(String name) throws IOException {
    Path file = folder.resolve(name + ".parquet");
    try (InputStream in = getClass().getResourceAsStream(name + ".parquet")) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  private static List<Row> rows(Path file) {
    try (Stream<Row> rows = new Parquet().read(TestOptions.none(), file)) {
      return rows.toList();
    }
  }
}
