package fedllm.learning.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import fedllm.api.plugin.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchTest {

  @Test
  void foretellsEachTokenFromThoseBeforeItAndPadsAtTheRight() {
    Batch batch =
        Batch.of(List.of(Row.next(new int[] {7, 8, 9, 10}, 1), Row.next(new int[] {5, 6}, 1)));
    assertEquals(3, batch.length());
    assertArrayEquals(new long[] {7, 8, 9, 5, 0, 0}, batch.ids());
    assertArrayEquals(new long[] {8, 9, 10, 6, -100, -100}, batch.labels());
    assertEquals(4, batch.tokens());
    assertEquals(4, batch.targets());
  }

  @Test
  void leavesThePromptUnlabelledWhereOnlyTheAnswerCounts() {
    Batch batch = Batch.of(List.of(Row.next(new int[] {7, 8, 9, 10}, 3)));
    assertArrayEquals(new long[] {-100, -100, 10}, batch.labels());
    assertEquals(3, batch.tokens());
    assertEquals(1, batch.targets());
  }

  @Test
  void goesThroughAllExamplesInEveryPassAndInAnotherOrderEachTime() {
    Course course = new Course(new Scope("run", "bank", 1), 20, true);
    List<Integer> first = pass(course, 0);
    List<Integer> second = pass(course, 1);
    List<Integer> all = IntStream.range(0, 20).boxed().toList();
    assertEquals(all, first.stream().sorted().toList());
    assertEquals(all, second.stream().sorted().toList());
    assertNotEquals(all, first);
    assertNotEquals(first, second);
    assertEquals(first, pass(course, 0));
    assertNotEquals(first, pass(new Course(new Scope("run", "school", 1), 20, true), 0));
    assertEquals(all, pass(new Course(new Scope("run", "bank", 1), 20, false), 3));
  }

  private static List<Integer> pass(Course course, int number) {
    List<Integer> pass = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pass.add(course.at(number * 20L + i));
    }
    return pass;
  }
}
