package fedllm.runtime.wire;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.format.SchemaText;
import fedllm.format.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Turns values into the chunks of a safetensors stream. Plain values pass block by block; coded
 * ones are held, coded, because the header says how long they are. Used by one thread.
 */
public final class PayloadWriter {

  private final FrameEncoder chain;
  private float[] values = new float[0];

  /** Sends through a chain. */
  public PayloadWriter(FrameEncoder chain) {
    this.chain = chain;
  }

  /**
   * Writes a payload.
   *
   * @param metadata more words for the header
   * @param chunks takes each chunk, of {@link fedllm.api.transport.Transport#CHUNK_BYTES} except
   *     for the last, and owns it
   */
  public Payload write(
      int round,
      Schema schema,
      Blocks source,
      Map<String, String> metadata,
      Consumer<byte[]> chunks)
      throws IOException {
    Map<String, String> words = new HashMap<>(metadata);
    words.put(Payload.WIRE, Payload.VERSION);
    words.put(Payload.CODECS, String.join(",", chain.names()));
    return chain.names().isEmpty()
        ? writePlain(schema, source, words, chunks)
        : writeCoded(round, schema, source, words, chunks);
  }

  private Payload writePlain(
      Schema schema, Blocks source, Map<String, String> words, Consumer<byte[]> chunks)
      throws IOException {
    byte[] header = HeaderJson.write(SafetensorsHeader.of(schema, Dtype.F32, words));
    ChunkStream out = new ChunkStream(header.length + 4 * schema.size(), chunks);
    out.write(ByteBuffer.wrap(header));
    for (Tensor tensor : schema.tensors()) {
      for (int i = 0; i < Unit.blocks(tensor); i++) {
        Unit unit = Unit.block(tensor, i);
        if (values.length < unit.length()) {
          values = new float[unit.length()];
        }
        source.copy(unit, values, out::write);
      }
    }
    return out.end();
  }

  private Payload writeCoded(
      int round, Schema schema, Blocks source, Map<String, String> words, Consumer<byte[]> chunks)
      throws IOException {
    List<byte[]> coded = new ArrayList<>();
    List<TensorInfo> infos = new ArrayList<>();
    long at = 0;
    for (Tensor tensor : schema.tensors()) {
      long begin = at;
      for (int i = 0; i < Unit.blocks(tensor); i++) {
        Unit unit = Unit.block(tensor, i);
        read(source, unit);
        ByteBuffer frame = chain.encode(round, unit, values);
        byte[] copy = new byte[frame.remaining()];
        frame.get(copy);
        coded.add(copy);
        at += copy.length;
      }
      infos.add(new TensorInfo(tensor.name(), Dtype.U8, List.of(at - begin), begin, at));
    }
    words.put(SafetensorsHeader.SCHEMA, SchemaText.write(schema));
    byte[] header = HeaderJson.write(new SafetensorsHeader(infos, words));
    ChunkStream out = new ChunkStream(header.length + at, chunks);
    out.write(ByteBuffer.wrap(header));
    for (byte[] frame : coded) {
      out.write(ByteBuffer.wrap(frame));
    }
    return out.end();
  }

  private void read(Blocks source, Unit unit) throws IOException {
    if (values.length < unit.length()) {
      values = new float[unit.length()];
    }
    source.read(unit, values);
  }
}
