package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.chaos.Cell;
import fedllm.chaos.Matrix;
import fedllm.chaos.Row;
import fedllm.chaos.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three kills, and one of what lasts; {@code ./fedllm chaos} does all. */
class ChaosTest {

  @Test
  @Timeout(600)
  void runsEndAsTheUndisturbedOneWhoeverIsKilled(@TempDir Path work) throws IOException {
    List<Cell> cells =
        List.of(
            Cell.of("coordinator:upload"), Cell.of("silo:upload"), Cell.of("broker:aggregating"));
    List<Row> rows = new Matrix(Matrix.FEWEST_ROUNDS, line -> {}).run(cells, work);
    assertEquals(cells.size(), rows.size());
    for (Row row : rows) {
      assertTrue(row.ok(), row.toString());
      assertTrue(row.resumed() > 0, row.toString());
      assertEquals(row.expected(), row.sha256());
    }
  }

  @Test
  @Timeout(600)
  void aRunGoesOnWithoutASiloThatIsStoppedAndItsLogGivesItsBytesAgain(@TempDir Path work)
      throws IOException {
    List<Cell> cells = List.of(Cell.of("silo:paused"));
    for (Row row : new Trouble(3, line -> {}).run(cells, work)) {
      assertTrue(row.ok(), row.toString());
      assertEquals(row.expected(), row.sha256());
    }
  }

  @Test
  void aCellThatIsNotThereIsRefusedWithThoseThatAre() {
    String said = assertThrows(Refused.class, () -> Cell.of("aggregator:upload")).getMessage();
    assertTrue(said.contains("coordinator, standby, silo, broker"), said);
    assertTrue(said.contains("silo:cut"), said);
  }
}
