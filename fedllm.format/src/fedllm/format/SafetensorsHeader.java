package fedllm.format;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file holds: tensors, one after the other and without holes, and a map of
 * words.
 *
 * <p>On disk: the length of the JSON as 8 bytes, little-endian; the JSON, padded with spaces to a
 * multiple of 8; the tensors' bytes.
 */
public final class SafetensorsHeader {

  /** The longest JSON that is read, as in the reference implementation. */
  public static final int MAX_JSON_BYTES = 100_000_000;

  /** Under this key the metadata holds the {@link SchemaText}. */
  public static final String SCHEMA = "fedllm.schema";

  private final List<TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final Map<String, TensorInfo> byName = new LinkedHashMap<>();

  /** Tensors of different names that lie one after the other; they are sorted by place. */
  public SafetensorsHeader(List<TensorInfo> tensors, Map<String, String> metadata) {
    List<TensorInfo> sorted = new ArrayList<>(tensors);
    sorted.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    long at = 0;
    for (TensorInfo tensor : sorted) {
      if (tensor.begin() != at) {
        throw new IllegalArgumentException(
            tensor
                + (tensor.begin() > at ? " leaves a hole" : " overlaps another tensor")
                + ": it begins at byte "
                + tensor.begin()
                + ", not at "
                + at);
      }
      at = tensor.end();
      if (byName.put(tensor.name(), tensor) != null) {
        throw new IllegalArgumentException("two tensors are called " + Shown.name(tensor.name()));
      }
    }
    this.tensors = List.copyOf(sorted);
    this.metadata = Map.copyOf(metadata);
  }

  /** The header of a schema's plain values, with the schema in the metadata. */
  public static SafetensorsHeader of(Schema schema, Dtype dtype, Map<String, String> metadata) {
    List<TensorInfo> tensors = new ArrayList<>();
    long at = 0;
    for (Tensor tensor : schema.tensors()) {
      long end = Math.addExact(at, Math.multiplyExact(tensor.size(), dtype.bytes()));
      tensors.add(new TensorInfo(tensor.name(), dtype, tensor.shape(), at, end));
      at = end;
    }
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put(SCHEMA, SchemaText.write(schema));
    return new SafetensorsHeader(tensors, all);
  }

  /** The tensors in the order of their bytes. */
  public List<TensorInfo> tensors() {
    return tensors;
  }

  /** The map of words. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** A tensor by name, or null. */
  public TensorInfo tensor(String name) {
    return byName.get(name);
  }

  /** How many bytes all tensors have together. */
  public long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
  }

  /**
   * The schema in the metadata, checked against the tensors' names and order.
   *
   * @param source what to call the file in a message
   */
  public Schema schema(String source) {
    String text = metadata.get(SCHEMA);
    if (text == null) {
      throw new SitsOut(source + ": its metadata has no " + SCHEMA + "; fedllm did not write it");
    }
    Schema schema = SchemaText.read(source, text);
    List<String> named = schema.tensors().stream().map(Tensor::name).toList();
    List<String> held = tensors.stream().map(TensorInfo::name).toList();
    if (!named.equals(held)) {
      throw new SitsOut(source + ": its schema names other tensors than the file holds");
    }
    return schema;
  }
}
