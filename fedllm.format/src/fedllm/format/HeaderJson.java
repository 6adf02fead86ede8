package fedllm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
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
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
          // Whoever wrote a file chose its names: a table of all that were ever seen would grow.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          // A name is part of the file's identity: what cannot be read everywhere is escaped.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  /** No engine has tensors with more sizes. */
  private static final int MAX_SIZES = 64;

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
   * How long the JSON is, by the file's first 8 bytes; what would reach past the file is refused.
   *
   * @param source what to call the file in a message
   */
  static int length(String source, ByteBuffer first, long fileBytes) {
    if (fileBytes < 8) {
      throw new SitsOut(source + ": no safetensors: the file has " + fileBytes + " bytes");
    }
    long length = first.order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (length < 0 || length > SafetensorsHeader.MAX_JSON_BYTES || length > fileBytes - 8) {
      throw new SitsOut(
          source
              + ": no safetensors: the header should have "
              + Long.toUnsignedString(length)
              + " bytes, the file has "
              + fileBytes);
    }
    return (int) length;
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
    // Not from the bytes: Jackson would guess UTF-16 and UTF-32 too, which nobody else reads.
    CharBuffer text = utf8(source, json);
    try (JsonParser in = JSON.createParser(text.array(), text.arrayOffset(), text.length())) {
      expect(in.nextToken() == JsonToken.START_OBJECT, "an object", "");
      List<TensorInfo> tensors = new ArrayList<>();
      Map<String, String> metadata = Map.of();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        expect(in.nextToken() == JsonToken.START_OBJECT, "an object for ", name);
        if (name.equals(METADATA)) {
          metadata = words(in);
        } else {
          tensors.add(tensor(in, name));
        }
      }
      expect(in.nextToken() == null, "nothing after the header", "");
      return new SafetensorsHeader(tensors, metadata);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new SitsOut(
          source
              + ": no safetensors: the header is not JSON"
              + (at == null
                  ? ", or a name in it is too long"
                  : " at character " + at.getCharOffset()));
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new SitsOut(source + ": no safetensors: " + e.getMessage(), e);
    }
  }

  private static CharBuffer utf8(String source, byte[] json) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
    } catch (CharacterCodingException e) {
      throw new SitsOut(source + ": no safetensors: the header is not UTF-8", e);
    }
  }

  private static Map<String, String> words(JsonParser in) throws IOException {
    Map<String, String> words = new LinkedHashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String key = in.currentName();
      expect(in.nextToken() == JsonToken.VALUE_STRING, "text for " + METADATA + " ", key);
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
        default -> throw new IllegalArgumentException(Shown.name(name) + " has an unknown field");
      }
    }
    expect(dtype != null && shape != null, "dtype and shape of ", name);
    expect(offsets != null && offsets.size() == 2, "two data_offsets of ", name);
    try {
      return new TensorInfo(name, dtype, shape, offsets.get(0), offsets.get(1));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(Shown.name(name) + ": " + e.getMessage(), e);
    }
  }

  private static Dtype dtype(JsonParser in, String name) throws IOException {
    expect(in.currentToken() == JsonToken.VALUE_STRING, "text for the dtype of ", name);
    String text = in.getText();
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        Shown.name(name) + " has an unknown dtype; known are " + Arrays.toString(Dtype.values()));
  }

  private static List<Long> numbers(JsonParser in, String name) throws IOException {
    expect(in.currentToken() == JsonToken.START_ARRAY, "numbers for ", name);
    List<Long> numbers = new ArrayList<>();
    while (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      expect(numbers.size() < MAX_SIZES, "at most " + MAX_SIZES + " numbers for ", name);
      numbers.add(in.getLongValue());
    }
    expect(in.currentToken() == JsonToken.END_ARRAY, "only numbers for ", name);
    return numbers;
  }

  private static void expect(boolean right, String what, String name) {
    if (!right) {
      throw new IllegalArgumentException("the header should have " + what + Shown.name(name));
    }
  }
}
