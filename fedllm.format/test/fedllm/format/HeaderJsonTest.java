package fedllm.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderJsonTest {

  private static final String A = "{'dtype':'F32','shape':[2,3],'data_offsets':[0,24]}";

  @Test
  void isLaidOutAsTheReferenceReadsIt() {
    SafetensorsHeader header =
        new SafetensorsHeader(
            List.of(new TensorInfo("a", Dtype.F32, List.of(2L, 3L), 0, 24)), Map.of("k", "v"));
    byte[] bytes = HeaderJson.write(header);
    String json = ("{'__metadata__':{'k':'v'},'a':" + A + "}").replace('\'', '"');
    int padded = (json.length() + 7) / 8 * 8;
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(padded, in.getLong());
    assertEquals(json + " ".repeat(padded - json.length()), new String(bytes, 8, padded, UTF_8));
    assertEquals(0, bytes.length % 8);
  }

  @Test
  void keepsSchemaAndWords() {
    Schema schema =
        new Schema(
            List.of(
                new Tensor("layers.0.q_proj", "lora_A.weight", List.of(8L, 64L)),
                new Tensor("", "é\"\\", List.of())));
    byte[] bytes =
        HeaderJson.write(SafetensorsHeader.of(schema, Dtype.F32, Map.of("format", "pt")));
    SafetensorsHeader back =
        HeaderJson.read("test", Arrays.copyOfRange(bytes, 8, bytes.length), 4 * schema.size());
    assertEquals(schema, back.schema("test"));
    assertEquals("pt", back.metadata().get("format"));
    assertEquals(List.of(8L, 64L), back.tensor("layers.0.q_proj.lora_A.weight").shape());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                                  | does not begin with"
            + " {",
        "{'a':{'dtype':'F32','shape':[2,3],'data_offsets':[0,24]}            | not JSON at"
            + " character",
        "{'a':@,'a':@}                                                       | not JSON at"
            + " character",
        "{'a':@} x                                                           | not JSON at"
            + " character",
        "{'a':@} {}                                                          | nothing after",
        "{'a':7}                                                             | an object for a",
        "{'a':{'dtype':'F31','shape':[2,3],'data_offsets':[0,24]}}           | unknown dtype",
        "{'a':{'dtype':'F32','shape':[2,3],'data_offsets':[0,23]}}           | needs 24 bytes",
        "{'a':{'dtype':'F32','shape':[2,3],'data_offsets':[24,0]}}           | needs 24 bytes",
        "{'a':{'dtype':'F32','shape':[-2,-3],'data_offsets':[0,24]}}         | negative size",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,24]}} | overflow",
        "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,24]}}  | not JSON at"
            + " character",
        "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,10]}}           | only numbers for a",
        "{'a':{'dtype':'F32','shape':[6],'data_offsets':[0,24,24]}}          | two data_offsets",
        "{'a':{'dtype':'F32','shape':[6]}}                                   | two data_offsets",
        "{'a':{'dtype':'F32','shape':[6],'data_offsets':[0,24],'x':1}}       | unknown field",
        "{'a':{'dtype':'F32','shape':[6],'data_offsets':[4,28]}}             | leaves a hole",
        "{'a':@,'b':{'dtype':'F32','shape':[1],'data_offsets':[20,24]}}      | overlaps another",
        "{'a':@,'b':{'dtype':'F32','shape':[1],'data_offsets':[28,32]}}      | leaves a hole",
        "{'__metadata__':{'k':1},'a':@}                                      | text for"
            + " __metadata__",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[9223372036854775807,"
            + "-9223372036854775808]}} | needs 1 bytes",
        "{'a\\u001b[2J\\u202e':7}                                         | an object for a?[2J?",
        "{}                                                                  | longer than it"
            + " should",
        "{'a':@,'b':{'dtype':'F32','shape':[1],'data_offsets':[24,28]}}      | cut short",
      })
  void refusesWhatIsWrong(String json, String says) {
    byte[] bytes = json.replace("@", A).replace('\'', '"').getBytes(UTF_8);
    SitsOut refused =
        assertThrows(SitsOut.class, () -> HeaderJson.read("x.safetensors", bytes, 24));
    assertTrue(refused.getMessage().contains("x.safetensors"), refused.getMessage());
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }
}
