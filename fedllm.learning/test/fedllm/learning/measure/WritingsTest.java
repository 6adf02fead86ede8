package fedllm.learning.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;

class WritingsTest {

  private static final Writings.Manner SHORT = new Writings.Manner(8, List.of(), false);
  private static final int[] PROMPT = {3, 1, 4};

  private final Tensors values =
      new Tensors(new Schema(List.of(new Tensor("layer", "weight", List.of(40_000L)))));
  private final Writings writings = new Writings(null, 1000);

  @Test
  void areKnownByPromptAndManner() {
    writings.of(values);
    writings.keep(SHORT, PROMPT, "a cat");
    assertEquals("a cat", writings.find(SHORT, new int[] {3, 1, 4}));
    assertNull(writings.find(SHORT, new int[] {3, 1}));
    for (Writings.Manner other :
        List.of(
            new Writings.Manner(9, List.of(), false),
            new Writings.Manner(8, List.of("."), false),
            new Writings.Manner(8, List.of(), true))) {
      assertNull(writings.find(other, PROMPT));
    }
  }

  /** A silo fills the same arrays in every round. */
  @Test
  void areForgottenWhenAnyValueChangesInPlace() {
    writings.of(values);
    writings.keep(SHORT, PROMPT, "a cat");
    writings.of(values);
    assertEquals("a cat", writings.find(SHORT, PROMPT));
    values.values(0)[39_999] = 1;
    writings.of(values);
    assertNull(writings.find(SHORT, PROMPT));
  }

  @Test
  void takeNoMoreMemoryThanTheyMay() {
    writings.of(values);
    for (int i = 0; i < 10; i++) {
      writings.keep(SHORT, new int[] {i}, "twenty-two characters.");
    }
    assertEquals("twenty-two characters.", writings.find(SHORT, new int[] {2}));
    assertNull(writings.find(SHORT, new int[] {3}), "three entries of 300 bytes fit into 1000");
  }
}
