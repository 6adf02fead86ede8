package fedllm.trainers.causallm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.random.Philox;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;
import fedllm.testkit.TestOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CausalLmTest {

  private static final int WIDTH = 6;
  private static final int VOCABULARY = 11;

  /**
   * The objective, and torch's own cross-entropy, each with the gradient of what the head reads.
   */
  private static final String METHODS =
      """
        def chunked(self: __torch__.K, hidden: Tensor, head: Tensor, labels: Tensor) -> Tensor:
          now = annotate(List[Tensor], [])
          start = annotate(List[Tensor], [])
      LOSS
        def plain(self: __torch__.K, hidden: Tensor, head: Tensor, labels: Tensor) -> Tensor:
          z = torch.flatten(torch.linear(hidden, head), 0, 1)
          return torch.cross_entropy_loss(z, torch.flatten(labels), None, 1, -100, 0.)
        def ours(self: __torch__.K, hidden: Tensor, head: Tensor, labels: Tensor) -> List[Tensor]:
          h = torch.requires_grad_(torch.detach(hidden), True)
          loss = (self).chunked(h, head, labels)
          g = torch.grad([loss], [h])[0]
          return [torch.detach(loss), unchecked_cast(Tensor, g)]
        def theirs(self: __torch__.K, hidden: Tensor, head: Tensor, labels: Tensor) -> List[Tensor]:
          h = torch.requires_grad_(torch.detach(hidden), True)
          loss = (self).plain(h, head, labels)
          g = torch.grad([loss], [h])[0]
          return [torch.detach(loss), unchecked_cast(Tensor, g)]
      """;

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 128, 129, 300})
  void isTorchsCrossEntropyHoweverManyRowsThereAre(int length) {
    try (NDManager owner = Torch.newManager();
        Kernel kernel = kernel(owner)) {
      float[] hidden = normals(2 * length * WIDTH, "hidden");
      float[] head = normals(VOCABULARY * WIDTH, "head");
      long[] labels = new long[2 * length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = i % 3 == 1 ? -100 : i % VOCABULARY;
      }
      NDList arguments =
          new NDList(
              owner.create(hidden, new Shape(2, length, WIDTH)),
              owner.create(head, new Shape(VOCABULARY, WIDTH)),
              owner.create(labels, new Shape(2, length)));
      NDList theirs = kernel.call("theirs", true, arguments);
      NDList ours = kernel.call("ours", true, arguments);
      assertEquals(theirs.head().getFloat(), ours.head().getFloat(), 1e-5);
      assertArrayEquals(theirs.get(1).toFloatArray(), ours.get(1).toFloatArray(), 1e-6f);
    }
  }

  @Test
  void isZeroAndFlatWhereNothingIsLabelled() {
    try (NDManager owner = Torch.newManager();
        Kernel kernel = kernel(owner)) {
      NDList arguments =
          new NDList(
              owner.create(normals(WIDTH, "hidden"), new Shape(1, 1, WIDTH)),
              owner.create(normals(VOCABULARY * WIDTH, "head"), new Shape(VOCABULARY, WIDTH)),
              owner.create(new long[] {-100}, new Shape(1, 1)));
      NDList ours = kernel.call("ours", true, arguments);
      assertEquals(0, ours.head().getFloat());
      assertArrayEquals(new float[WIDTH], ours.get(1).toFloatArray(), 0);
    }
  }

  private static Kernel kernel(NDManager owner) {
    String loss = new CausalLm().loss(TestOptions.none());
    return Kernel.compile(owner, METHODS.replace("LOSS\n", loss));
  }

  private static float[] normals(int count, String name) {
    float[] values = new float[count];
    Philox.of(1, 0, "", 0, name).addNormals(0, 1, values, count);
    return values;
  }
}
