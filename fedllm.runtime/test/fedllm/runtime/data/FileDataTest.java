package fedllm.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileDataTest {

  private static final Template PLAIN = Templates.ofTheHouse().get("plain");

  private final Memory memory = new Memory();

  @Test
  void holdsOutAboutTheShareAndLosesNothing() {
    memory.with("a.txt", texts(0, 2000));
    Data data = memory.data(spec("a.txt", "0.1", 0));
    assertEquals(200, heldOut(data).size(), 50);
    List<String> all = new ArrayList<>(train(data));
    all.addAll(heldOut(data));
    Collections.sort(all);
    assertEquals(texts(0, 2000).stream().sorted().toList(), all);
  }

  @Test
  void keepsATextThatOccursTwiceOnOneSide() {
    List<String> twice = new ArrayList<>(texts(0, 500));
    twice.addAll(texts(0, 500));
    memory.with("a.txt", twice);
    Data data = memory.data(spec("a.txt", "0.3", 0));
    assertDisjoint(data);
    assertEquals(2 * new HashSet<>(heldOut(data)).size(), heldOut(data).size());
  }

  @Test
  void holdsOutTheSameTextsInAnyOrder() {
    List<String> shuffled = new ArrayList<>(texts(0, 500));
    Collections.shuffle(shuffled, new Random(1));
    memory.with("a.txt", texts(0, 500)).with("b.txt", shuffled);
    Set<String> kept = new HashSet<>(heldOut(memory.data(spec("a.txt", "0.2", 0))));
    assertEquals(kept, new HashSet<>(heldOut(memory.data(spec("b.txt", "0.2", 0)))));
    assertFalse(kept.isEmpty());
  }

  /** The expected value is Python's hashlib's: a silo's split must never move. */
  @Test
  void cutsWhereItAlwaysCut() {
    assertEquals(
        new TextHash(0x2A19087F33585FD9L, 0xCC5FF3FFE342B454L),
        TextHash.of(new Example.Text("a prompt", "an answer")));
  }

  @Test
  void keepsAFileOfItsOwnAndLearnsNothingThatIsInIt() {
    memory.with("a.txt", texts(0, 300)).with("test.txt", texts(250, 350));
    Data data = memory.data(spec("a.txt", "test.txt", 0));
    assertEquals(texts(250, 350), heldOut(data));
    assertEquals(texts(0, 250), train(data));
  }

  @Test
  void poolsFilesOneAfterTheOtherAndLearnsNothingThatAnyHoldsOut() {
    memory
        .with("a.txt", texts(0, 400))
        .with("b.txt", texts(200, 600))
        .with("c.txt", texts(580, 700))
        .with("test.txt", texts(680, 710));
    Data data =
        memory.data(spec("a.txt", "0.1", 0), spec("b.txt", "0.4", 0), spec("c.txt", "test.txt", 0));
    assertDisjoint(data);
    Set<String> all = new HashSet<>(train(data));
    all.addAll(heldOut(data));
    assertEquals(new HashSet<>(texts(0, 710)), all);
    assertEquals("text 679", train(data).get(train(data).size() - 1));
  }

  @Test
  void pooledKeepsWhatEachFileKeepsAlone() {
    memory.with("a.txt", texts(0, 400)).with("b.txt", texts(400, 600));
    FileSpec a = spec("a.txt", "0.1", 0);
    FileSpec b = spec("b.txt", "0.1", 0);
    List<String> each = new ArrayList<>(heldOut(memory.data(a)));
    each.addAll(heldOut(memory.data(b)));
    assertEquals(each, heldOut(memory.data(a, b)));
  }

  @Test
  void readsNoMoreThanTheLimitOfEachFile() {
    memory.with("a.txt", texts(0, 400)).with("test.txt", texts(400, 500));
    Data shared = memory.data(spec("a.txt", "0.2", 50));
    assertEquals(50, train(shared).size() + heldOut(shared).size());
    Data apart =
        memory.data(
            new FileSpec(Path.of("a.txt"), "", Map.of(), PLAIN, HeldOut.parse("test.txt", 30), 50));
    assertEquals(50, train(apart).size());
    assertEquals(30, heldOut(apart).size());
  }

  @Test
  void aLimitTakesTheSameSampleFromAnyOrderAndNotTheFirstLines() {
    List<String> texts = texts(0, 400);
    memory.with("a.txt", texts);
    List<String> sample = train(memory.data(spec("a.txt", "0", 50)));
    assertNotEquals(texts.subList(0, 50), sample);
    List<String> backwards = new ArrayList<>(texts);
    Collections.reverse(backwards);
    memory.with("b.txt", backwards);
    assertEquals(new TreeSet<>(sample), new TreeSet<>(train(memory.data(spec("b.txt", "0", 50)))));
  }

  @Test
  void readsAsItGoesEvenThroughAnIteratorAndClosesWhatItOpened() {
    memory.with("a.txt", texts(0, 1000)).with("b.txt", texts(1000, 2000));
    Data data = memory.data(spec("a.txt", "0", 0), spec("b.txt", "0", 0));
    try (Stream<Example> train = data.train()) {
      Iterator<Example> each = train.iterator();
      for (int i = 0; i < 1500; i++) {
        each.next();
      }
      assertTrue(memory.rowsRead < 1510, memory.rowsRead + " rows were read for 1500 examples");
      assertEquals(1, memory.open);
    }
    assertEquals(0, memory.open);
  }

  @Test
  void learnsFromItsPartAloneAndMeasuresOnAWholeFile() {
    memory.with("a.txt", texts(0, 100)).with("test.txt", texts(100, 130));
    memory.cutter = (options, parts, seed) -> (number, row) -> (int) (number % parts);
    List<String> all = new ArrayList<>();
    for (int part = 1; part <= 3; part++) {
      all.addAll(train(memory.data(part("test.txt", 0, part))));
      assertEquals(texts(100, 130), heldOut(memory.data(part("test.txt", 0, part))));
    }
    assertEquals("text 0", all.get(0));
    assertEquals("text 3", all.get(1));
    assertEquals(new HashSet<>(texts(0, 100)), new HashSet<>(all));
    assertEquals(100, all.size());
  }

  @Test
  void aLimitCountsInThePart() {
    memory.with("a.txt", texts(0, 100));
    memory.cutter = (options, parts, seed) -> (number, row) -> (int) (number % parts);
    assertEquals(20, train(memory.data(part("0", 20, 2))).size());
  }

  @Test
  void saysAtWhichRowACutFailed() {
    memory.with("a.txt", texts(0, 100));
    memory.cutter =
        (options, parts, seed) ->
            (number, row) -> {
              throw new SitsOut("no field");
            };
    SitsOut error = assertThrows(SitsOut.class, () -> train(memory.data(part("0", 0, 2))));
    assertEquals("a.txt:1: no field", error.getMessage());
    assertEquals(0, memory.open);
  }

  @Test
  void refusesAPartThatIsNotThere() {
    assertThrows(Refused.class, () -> part("0", 0, 0));
    Refused error = assertThrows(Refused.class, () -> part("0", 0, 4));
    assertEquals("there is no part 4 of 3; the first is 1", error.getMessage());
    assertThrows(Refused.class, () -> new Part(1, 0, "x", Map.of(), 0));
  }

  /** Each row is free again while the stream goes on, also beside others that hold out more. */
  @Test
  void holdsNoTextThatWasReadAlready() {
    memory.with("a.txt", texts(0, 5000)).with("b.txt", texts(5000, 6000));
    Data data = memory.data(spec("a.txt", "0.1", 0), spec("b.txt", "0.5", 0));
    List<WeakReference<Example>> seen = new ArrayList<>();
    try (Stream<Example> train = data.train()) {
      Iterator<Example> each = train.iterator();
      for (int i = 0; i < 4000; i++) {
        seen.add(new WeakReference<>(each.next()));
      }
      System.gc();
      long held = seen.stream().filter(example -> example.get() != null).count();
      assertTrue(held < 10, held + " of 4000 examples are in memory");
      assertTrue(each.hasNext());
    }
  }

  @Test
  void holdsNothingOutUnlessAsked() {
    memory.with("a.txt", texts(0, 10));
    Data data = memory.data(spec("a.txt", "0", 0));
    assertEquals(List.of(), heldOut(data));
    assertEquals(texts(0, 10), train(data));
  }

  @ParameterizedTest
  @CsvSource({
    "a.jsonl, jsonl",
    "a.JSON, alpaca",
    "a.b.csv.gz, csv",
    "a.txt.gz, text",
    "a.tsv, csv",
    "a.parquet, parquet"
  })
  void knowsTheFormatByTheFilesName(String file, String format) {
    assertEquals(format, spec(file, "0", 0).format());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.parq", "a", "a.gz", "jsonl", "a.jsonl.bz2"})
  void refusesAFileWhoseNameSaysNothing(String file) {
    Refused error = assertThrows(Refused.class, () -> spec(file, "0", 0));
    assertTrue(
        error.getMessage().contains(".jsonl, .json, .csv, .tsv and .txt"), error.getMessage());
  }

  @Test
  void takesTheFormatThatIsGiven() {
    FileSpec spec = new FileSpec(Path.of("a.log"), "text", Map.of(), PLAIN, HeldOut.NOTHING, 0);
    assertEquals("text", spec.format());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1.5", "-0.1", "10%", "1e9"})
  void refusesAShareThatIsNone(String share) {
    assertThrows(Refused.class, () -> HeldOut.parse(share, 0));
  }

  private static FileSpec spec(String file, String heldOut, long limit) {
    return new FileSpec(Path.of(file), "", Map.of(), PLAIN, HeldOut.parse(heldOut, 0), limit);
  }

  private static FileSpec part(String heldOut, long limit, int part) {
    return new FileSpec(
        Path.of("a.txt"),
        "",
        Map.of(),
        PLAIN,
        HeldOut.parse(heldOut, 0),
        limit,
        new Part(part, 3, "by number", Map.of(), 0));
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "text " + i).toList();
  }

  private static List<String> train(Data data) {
    try (Stream<Example> examples = data.train()) {
      return answers(examples);
    }
  }

  private static List<String> heldOut(Data data) {
    try (Stream<Example> examples = data.heldOut()) {
      return answers(examples);
    }
  }

  private static List<String> answers(Stream<Example> examples) {
    return examples.map(example -> ((Example.Text) example).answer()).toList();
  }

  private static void assertDisjoint(Data data) {
    Set<String> both = new HashSet<>(train(data));
    assertFalse(both.isEmpty());
    assertFalse(heldOut(data).isEmpty());
    both.retainAll(heldOut(data));
    assertEquals(Set.of(), both);
  }
}
