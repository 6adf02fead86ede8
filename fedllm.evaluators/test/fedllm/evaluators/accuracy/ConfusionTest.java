package fedllm.evaluators.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ConfusionTest {

  @Test
  void countsEveryLabelAlikeForAccuracyAndEveryClassAlikeForF1() {
    Confusion confusion = new Confusion();
    long[][] told = {{0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {2, 0}};
    for (long[] pair : told) {
      confusion.add(pair[0], pair[1]);
    }
    assertEquals(7, confusion.all());
    assertEquals(4 / 7.0, confusion.accuracy(), 1e-12);
    // Three right, two told wrongly, one missed; one, one and one; none, none and one.
    assertEquals((6 / 9.0 + 2 / 4.0 + 0) / 3, confusion.macroF1(), 1e-12);
  }

  @Test
  void countsAClassThatIsToldButNeverThere() {
    Confusion confusion = new Confusion();
    confusion.add(0, 0);
    confusion.add(0, 5);
    assertEquals((2 / 3.0 + 0) / 2, confusion.macroF1(), 1e-12);
  }
}
