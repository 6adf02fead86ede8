package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.cli.node.Workspace;
import fedllm.data.cut.Dealing;
import fedllm.learning.text.Course;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The tables of {@code docs/random.md} are what the code draws. */
class RandomPageTest {

  /** The cells of a section's rows, without the table's head. */
  private static List<List<String>> table(String section, int rows) throws IOException {
    String page = Files.readString(Workspace.here().root().resolve("docs/random.md"));
    String text = page.split("\n## " + section + "\n", 2)[1].split("\n## ", 2)[0];
    List<List<String>> table =
        text.lines()
            .filter(line -> line.startsWith("| "))
            .skip(1)
            .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
            .map(cells -> Arrays.stream(cells).map(c -> c.replace("`", "")).toList())
            .toList();
    assertEquals(rows, table.size(), section);
    return table;
  }

  /** The stream that a text names; its purpose may have slashes. */
  private static Philox stream(String text) {
    String[] parts = text.split("/", 5);
    return Philox.of(
        Long.parseLong(parts[0]),
        Integer.parseInt(parts[1]),
        parts[2],
        Long.parseLong(parts[3]),
        parts[4]);
  }

  private static String block(Philox random, long counter) {
    int[] block = new int[4];
    random.block(counter, block, 0);
    return Arrays.stream(block).mapToObj("%08x"::formatted).collect(Collectors.joining(" "));
  }

  private static String bits(float value) {
    return "%08x".formatted(Float.floatToRawIntBits(value));
  }

  @Test
  void blocksAreAsThePageSays() throws IOException {
    for (List<String> row : table("The block", 4)) {
      Philox random = new Philox(Long.parseUnsignedLong(row.get(0), 16));
      assertEquals(row.get(2), block(random, Long.parseUnsignedLong(row.get(1), 16)));
    }
  }

  @Test
  void keysAreAsThePageSays() throws IOException {
    for (List<String> row : table("The key", 3)) {
      Philox raw = new Philox(Long.parseUnsignedLong(row.get(1), 16));
      assertEquals(block(raw, 5), block(stream(row.get(0)), 5), row.get(0));
    }
  }

  @Test
  void numbersAreAsThePageSays() throws IOException {
    Philox random = stream(table("The key", 3).get(0).get(0));
    for (List<String> row : table("Numbers", 9)) {
      long position = Long.parseLong(row.get(0));
      float[] uniform = new float[1];
      random.uniforms(position, uniform, 1);
      float[] normal = new float[1];
      random.addNormals(position, 1, normal, 1);
      assertEquals(
          row,
          List.of(
              row.get(0),
              "%08x".formatted(random.word(position)),
              Integer.toString(random.below(position, 1000)),
              Double.toString(random.uniform(position)),
              bits(uniform[0]),
              bits(normal[0])));
    }
  }

  @Test
  void permutationsAreAsThePageSays() throws IOException {
    List<List<String>> table = table("Permutations", 2);
    Course course = new Course(new Scope("run", "Zürich", 7), 10, true);
    assertEquals(table.get(0).get(2), words(IntStream.range(10, 20).map(course::at)));
    Dealing dealing = new Dealing(10, stream(table.get(1).get(1)));
    assertEquals(table.get(1).get(2), words(IntStream.range(0, 20).map(dealing::part)));
  }

  private static String words(IntStream numbers) {
    return numbers.mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }
}
