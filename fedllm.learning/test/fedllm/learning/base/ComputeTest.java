package fedllm.learning.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "sse4_2 avx2 avx512f avx512_bf16, BF16",
    "avx512f amx_bf16, BF16",
    "fp asimd bf16 i8mm, BF16",
    "sse4_2 avx2 avx512f avx512bw, ONEDNN",
    "sse4_2 avx2, FP32",
    "avx512_bf16x, FP32",
    "'', FP32"
  })
  void choosesByTheProcessorsFlags(String flags, Route route) {
    assertEquals(route, Compute.byRule(flags).route());
  }

  @Test
  void doesWhatItIsAskedFor() {
    Map<String, String> asked = Map.of(Compute.ROUTE, "onednn", Compute.DEVICE, "cuda:1");
    Compute compute = Compute.of(asked::get);
    assertEquals(new Compute(Route.ONEDNN, "cuda:1", "asked for"), compute);
    assertTrue(
        assertThrows(SitsOut.class, () -> Compute.of(Map.of(Compute.ROUTE, "fp16")::get))
            .getMessage()
            .contains("[fp32, onednn, bf16]"));
    assertThrows(SitsOut.class, () -> Compute.of(Map.of(Compute.DEVICE, "gpu")::get));
  }

  @Test
  void choosesAgainWhatItChoseWhenTheSiloWasNew() throws Exception {
    Compute first = Compute.recorded(folder, Map.of(Compute.ROUTE, "onednn")::get);
    Compute again = Compute.recorded(folder, Map.of(Compute.ROUTE, "auto")::get);
    assertEquals(first.route(), again.route());
    assertEquals("cpu", again.device());
    Compute.recorded(folder, Map.of(Compute.ROUTE, "fp32")::get);
    assertEquals(Route.FP32, Compute.recorded(folder, name -> null).route());
    assertTrue(
        Files.readString(folder.resolve("compute.properties")).contains("fedllm.compute=fp32"));
  }
}
