package fedllm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A schema as text: {@code [["module","parameter",[8,64]],...]}. A safetensors header alone cannot
 * say where the module's name ends, nor what shape encoded bytes will have.
 */
public final class SchemaText {

  private static final JsonFactory JSON = new JsonFactory();

  private SchemaText() {}

  /** The text of a schema. */
  public static String write(Schema schema) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartArray();
      for (Tensor tensor : schema.tensors()) {
        out.writeStartArray();
        out.writeString(tensor.module());
        out.writeString(tensor.parameter());
        out.writeStartArray();
        for (long n : tensor.shape()) {
          out.writeNumber(n);
        }
        out.writeEndArray();
        out.writeEndArray();
      }
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot fail to take text", e);
    }
    return text.toString();
  }

  /**
   * The schema of a text.
   *
   * @param source what to call the text's origin in a message
   */
  public static Schema read(String source, String text) {
    List<Tensor> tensors = new ArrayList<>();
    try (JsonParser in = JSON.createParser(text)) {
      expect(in.nextToken() == JsonToken.START_ARRAY);
      while (in.nextToken() == JsonToken.START_ARRAY) {
        expect(in.nextToken() == JsonToken.VALUE_STRING);
        String module = in.getText();
        expect(in.nextToken() == JsonToken.VALUE_STRING);
        String parameter = in.getText();
        expect(in.nextToken() == JsonToken.START_ARRAY);
        List<Long> shape = new ArrayList<>();
        while (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
          shape.add(in.getLongValue());
        }
        expect(in.currentToken() == JsonToken.END_ARRAY && in.nextToken() == JsonToken.END_ARRAY);
        tensors.add(new Tensor(module, parameter, shape));
      }
      expect(in.currentToken() == JsonToken.END_ARRAY && in.nextToken() == null);
      return new Schema(tensors);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new SitsOut(
          source
              + ": its schema is not JSON"
              + (at == null ? ", or a number in it is too long" : " at " + at.offsetDescription()));
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new SitsOut(source + ": its schema is not one: " + Shown.name(e.getMessage()), e);
    }
  }

  private static void expect(boolean right) {
    if (!right) {
      throw new IllegalArgumentException("expected [[\"module\",\"parameter\",[sizes]],...]");
    }
  }
}
