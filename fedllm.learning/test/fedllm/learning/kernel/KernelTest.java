package fedllm.learning.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class KernelTest {

  private static final String METHODS =
      """
        def scaled(self: __torch__.K, x: Tensor, w: List[Tensor]) -> List[Tensor]:
          y = x
          for t in w:
            y = y * t
          return [y, torch.sum(y)]
        def slope(self: __torch__.K, x: Tensor) -> Tensor:
          x1 = torch.requires_grad_(torch.detach(x), True)
          g = torch.grad([torch.sum(x1 * x1)], [x1])[0]
          return unchecked_cast(Tensor, g)
      """;

  @Test
  void callsMethodsByNameWithLists() {
    try (NDManager owner = Torch.newManager();
        Kernel kernel = Kernel.compile(owner, METHODS)) {
      NDList list =
          Kernel.list("w", new NDList(owner.create(2f), owner.create(new float[] {5, 7})));
      NDList arguments = new NDList(owner.create(new float[] {1, 10}));
      arguments.addAll(list);
      NDList result = kernel.call("scaled", false, arguments);
      assertArrayEquals(new float[] {10, 140}, result.get(0).toFloatArray());
      assertEquals(150, result.get(1).getFloat());
    }
  }

  @Test
  void givesGradientsWhereTheyAreWantedAndOnlyThere() {
    try (NDManager owner = Torch.newManager();
        Kernel kernel = Kernel.compile(owner, METHODS)) {
      NDList x = new NDList(owner.create(new float[] {3, -4}));
      assertArrayEquals(new float[] {6, -8}, kernel.call("slope", true, x).head().toFloatArray());
      assertThrows(RuntimeException.class, () -> kernel.call("slope", false, x));
    }
  }

  @Test
  void leavesResultsToTheOwnerOfTheFirstArgument() {
    try (NDManager owner = Torch.newManager();
        Kernel kernel = Kernel.compile(owner, METHODS);
        NDManager step = owner.newSubManager()) {
      NDList x = new NDList(step.create(new float[] {3, -4}));
      assertSame(step, kernel.call("slope", true, x).head().getManager());
    }
  }

  @Test
  void saysWhereAScriptIsWrong() {
    try (NDManager owner = Torch.newManager()) {
      String wrong =
          "  def f(self: __torch__.K, x: Tensor) -> Tensor:\n    return torch.nonsuch(x)\n";
      RuntimeException error =
          assertThrows(RuntimeException.class, () -> Kernel.compile(owner, wrong).close());
      assertTrue(error.getMessage().contains("nonsuch"), error.getMessage());
    }
  }

  @Test
  void packsTheSameCodeIntoTheSameStoredBytes() throws Exception {
    assertArrayEquals(Archive.of(METHODS), Archive.of(METHODS));
    int entries = 0;
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(Archive.of(METHODS)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        assertEquals(ZipEntry.STORED, entry.getMethod(), entry.getName());
        String text = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(entry.getName().endsWith(".py"), text.contains(METHODS));
        entries++;
      }
    }
    assertEquals(4, entries);
  }

  @Test
  void givesTheThreadItsClassLoaderBack() throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader other = new URLClassLoader(new URL[0])) {
      thread.setContextClassLoader(other);
      try (var guard = ContextClassLoader.of(Kernel.class)) {
        assertSame(Kernel.class.getClassLoader(), thread.getContextClassLoader());
      }
      assertSame(other, thread.getContextClassLoader());
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
