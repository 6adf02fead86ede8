package fedllm.codecs.zstd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Compressor;
import fedllm.testkit.CompressorContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ZStdTest implements CompressorContract {

  @Override
  public Compressor compressor() {
    return new ZStd();
  }

  @Test
  void shortensWhatRepeats() {
    ByteBuffer out = ByteBuffer.allocate(compressor().open(options()).maxBytes(100_000));
    compressor().open(options()).compress(ByteBuffer.allocate(100_000), out);
    assertTrue(out.position() < 200, out.position() + " bytes for 100000 zeros");
  }
}
