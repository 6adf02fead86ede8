package fedllm.codecs;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The tensors of a trained LoRA adapter (RoBERTa, MNLI), for spectra that no generator has. */
public final class RealAdapter {

  private RealAdapter() {}

  /** Each tensor's values; the calling test is skipped where the data is not. */
  public static List<float[]> tensors() throws IOException {
    String data = System.getenv().getOrDefault("FEDLLM_DATA", "../../shared/data");
    Path file = Path.of(data, "lora-roberta-mnli", "roberta_base_lora_mnli.bin");
    assumeTrue(Files.exists(file), "lora-roberta-mnli is not here");
    List<float[]> tensors = new ArrayList<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
        if (entry.getName().matches(".*/data/[0-9]+")) {
          byte[] bytes = zip.getInputStream(entry).readAllBytes();
          float[] values = new float[bytes.length / 4];
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
          tensors.add(values);
        }
      }
    }
    assertFalse(tensors.isEmpty(), "no tensors in " + file);
    return tensors;
  }

  /** The sum of squares of a minus b. */
  public static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
    }
    return sum;
  }

  /** The sum of squares. */
  public static double energy(float[] values) {
    return squaredDistance(values, new float[values.length]);
  }
}
