package fedllm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.methods.Compared;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContenderTest {

  @TempDir Path folder;

  private static Figures run(double loss, double peak, Double... curve) {
    Map<String, Double> numbers =
        Map.of("loss", loss, "own", loss, "bytesUp", 100.0, "siloPeakBytes", peak);
    return new Figures("loss", numbers, Arrays.asList(curve), "");
  }

  private static Contender row(String name, Figures... runs) {
    Contender row = new Contender(name, name);
    List.of(runs).forEach(row::add);
    return row;
  }

  @Test
  void aRowHasMeansDeviationsAndTheHighestPeakOverSeeds() {
    Compared.Row row = row("a", run(1, 5, 4.0, null, 1.0), run(3, 9, 6.0, 5.0, 3.0)).row("loss");
    assertEquals(2, row.mean());
    assertEquals(Math.sqrt(2), row.deviation(), 1e-12);
    assertEquals(100, row.bytesUp());
    assertEquals(9, row.siloPeakBytes());
    assertEquals(Arrays.asList(5.0, null, 2.0), row.curve());
    assertNull(row.seconds(), "nobody measured seconds");
    assertEquals("", row.failure());
  }

  @Test
  void oneSeedHasNoDeviation() {
    Compared.Row row = row("a", run(1, 5, 4.0, 1.0)).row("loss");
    assertNull(row.deviation());
    assertEquals(List.of("a", "1.000", "1.000", "100 B"), Compared.cells(row).subList(0, 4));
  }

  @Test
  void whatFailedSaysWhyAndKeepsWhatIsThere() {
    Contender row = row("a", run(1, 5));
    assertFalse(row.hasFailed());
    row.failed(43, "the server ended\nwith many lines");
    assertTrue(row.hasFailed());
    assertEquals(1, row.row("loss").mean());
    assertEquals("seed 43: the server ended", row.row("loss").failure());
    Contender nothing = new Contender("b", "b");
    nothing.failed(42, "refused");
    assertNull(nothing.row("loss").mean());
    assertEquals("-", Compared.cells(nothing.row("loss")).get(1));
  }

  private static Compared compared(int recipes) {
    List<Compared.Row> rows = new ArrayList<>();
    Figures alone = new Figures("loss", Map.of("loss", 4.0, "own", 0.5), List.of(), "");
    rows.add(row("local-only", alone).row("loss"));
    rows.add(row("fedit", run(1, 1, 6.0, 3.0, 1.0)).row("loss"));
    rows.add(row("pooled", new Figures("loss", Map.of("loss", 1.1), List.of(), "")).row("loss"));
    IntStream.range(0, recipes)
        .forEach(i -> rows.add(row("r" + i, run(1, 1, 6.0, 2.5 + i, 1.2)).row("loss")));
    Contender broken = new Contender("broken", "broken");
    broken.failed(42, "it | fell");
    rows.add(broken.row("loss"));
    return new Compared("demo", 1, "loss", rows);
  }

  @Test
  void curvesAreDrawnHoweverManyThereAre() throws IOException {
    for (int recipes : new int[] {0, 6, 13}) {
      Path file = folder.resolve("curves" + recipes + ".png");
      Curves.draw(compared(recipes), file);
      BufferedImage drawn = ImageIO.read(file.toFile());
      assertTrue(colours(drawn) > 10, "nothing is drawn");
    }
  }

  private static int colours(BufferedImage drawn) {
    int[] all = drawn.getRGB(0, 0, drawn.getWidth(), drawn.getHeight(), null, 0, drawn.getWidth());
    return (int) IntStream.of(all).distinct().count();
  }

  @Test
  void thePageOfMethodsHasARowForEachAndSaysWhatFailed() {
    List<String> lines = compared(1).markdown().lines().filter(l -> l.startsWith("| ")).toList();
    assertEquals(2 + 5, lines.size(), lines.toString());
    assertTrue(lines.get(2).startsWith("| local-only | 4.000 | 0.500 | - |"), lines.get(2));
    assertTrue(
        lines.get(6).startsWith("| broken, which failed: seed 42: it \\| fell | - |"),
        lines.get(6));
  }
}
