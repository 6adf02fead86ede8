package fedllm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import fedllm.api.error.SitsOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A safetensors header as bytes, both ways. */
public final class HeaderJson {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // A name is part of the file's identity: what cannot be read everywhere is escaped.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private static final String METADATA = "__metadata__";

  private HeaderJson() {}

  /** The file's first bytes: length, JSON, padding. The same header gives the same bytes. */
  public static byte[] write(SafetensorsHeader header) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(json)) {
      out.writeStartObject();
      if (!header.metadata().isEmpty()) {
        out.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> word : new TreeMap<>(header.metadata()).entrySet()) {
          out.writeStringField(word.getKey(), word.getValue());
        }
        out.writeEndObject();
      }
      for (TensorInfo tensor : header.tensors()) {
        out.writeObjectFieldStart(tensor.name());
        out.writeStringField("dtype", tensor.dtype().name());
        out.writeArrayFieldStart("shape");
        for (long n : tensor.shape()) {
          out.writeNumber(n);
        }
        out.writeEndArray();
        out.writeArrayFieldStart("data_offsets");
        out.writeNumber(tensor.begin());
        out.writeNumber(tensor.end());
        out.writeEndArray();
        out.writeEndObject();
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail to take bytes", e);
    }
    int padded = (json.size() + 7) / 8 * 8;
    if (padded > SafetensorsHeader.MAX_JSON_BYTES) {
      throw new IllegalArgumentException("a header of " + padded + " bytes is too long");
    }
    byte[] bytes = new byte[8 + padded];
    Arrays.fill(bytes, (byte) ' ');
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json.toByteArray());
    return bytes;
  }

  /**
   * Reads the JSON, which must describe exactly {@code dataBytes} bytes.
   *
   * @param source what to call the file in a message
   * @param json the header without its length
   */
  public static SafetensorsHeader read(String source, byte[] json, long dataBytes) {
    SafetensorsHeader header = read(source, json);
    if (header.dataBytes() != dataBytes) {
      throw new SitsOut(
          source
              + ": the header describes "
              + header.dataBytes()
              + " bytes of tensors, but "
              + dataBytes
              + " are there; the file is "
              + (header.dataBytes() > dataBytes ? "cut short" : "longer than it should be"));
    }
    return header;
  }

  /** Reads the JSON where nobody knows yet how many bytes follow. */
  public static SafetensorsHeader read(String source, byte[] json) {
    if (json.length == 0 || json[0] != '{') {
      throw new SitsOut(source + ": no safetensors: the header does not begin with {");
    }
    try (JsonParser in = JSON.createParser(json)) {
      expect(in.nextToken() == JsonToken.START_OBJECT, "an object");
      List<TensorInfo> tensors = new ArrayList<>();
      Map<String, String> metadata = Map.of();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        expect(in.nextToken() == JsonToken.START_OBJECT, "an object for " + name);
        if (name.equals(METADATA)) {
          metadata = words(in);
        } else {
          tensors.add(tensor(in, name));
        }
      }
      expect(in.nextToken() == null, "nothing after the header");
      return new SafetensorsHeader(tensors, metadata);
    } catch (JsonProcessingException e) {
      throw new SitsOut(
          source
              + ": no safetensors: the header is not JSON at byte "
              + e.getLocation().getByteOffset());
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new SitsOut(source + ": no safetensors: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> words(JsonParser in) throws IOException {
    Map<String, String> words = new LinkedHashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String key = in.currentName();
      expect(in.nextToken() == JsonToken.VALUE_STRING, "text for " + METADATA + " " + key);
      words.put(key, in.getText());
    }
    return words;
  }

  private static TensorInfo tensor(JsonParser in, String name) throws IOException {
    Dtype dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String key = in.currentName();
      in.nextToken();
      switch (key) {
        case "dtype" -> dtype = dtype(in, name);
        case "shape" -> shape = numbers(in, name);
        case "data_offsets" -> offsets = numbers(in, name);
        default -> throw new IllegalArgumentException(name + " has an unknown field");
      }
    }
    expect(dtype != null && shape != null, "dtype and shape of " + name);
    expect(offsets != null && offsets.size() == 2, "two data_offsets of " + name);
    try {
      return new TensorInfo(name, dtype, shape, offsets.get(0), offsets.get(1));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static Dtype dtype(JsonParser in, String name) throws IOException {
    expect(in.currentToken() == JsonToken.VALUE_STRING, "text for the dtype of " + name);
    String text = in.getText();
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        name + " has an unknown dtype; known are " + Arrays.toString(Dtype.values()));
  }

  private static List<Long> numbers(JsonParser in, String name) throws IOException {
    expect(in.currentToken() == JsonToken.START_ARRAY, "numbers for " + name);
    List<Long> numbers = new ArrayList<>();
    while (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      numbers.add(in.getLongValue());
    }
    expect(in.currentToken() == JsonToken.END_ARRAY, "only numbers for " + name);
    return numbers;
  }

  private static void expect(boolean right, String what) {
    if (!right) {
      throw new IllegalArgumentException("the header should have " + what);
    }
  }
}
