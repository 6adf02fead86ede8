package fedllm.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.learning.model.Head;
import fedllm.learning.model.Weight;
import fedllm.learning.objective.Gradient;
import fedllm.learning.quantize.Absmax;
import fedllm.learning.quantize.Int8;
import fedllm.learning.quantize.Nf4;
import fedllm.learning.storage.Floating;
import fedllm.learning.storage.Storage;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.int8.EightBit;
import fedllm.models.nf4.NormalFloat;
import fedllm.testkit.learning.FamilyContract;
import fedllm.testkit.learning.PlainLoss;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters are the same beside a base that is held in few bits. */
class StoragesTest {

  @TempDir Path scratch;

  static Stream<MergeTest.Use> uses() {
    return Stream.concat(MergeTest.merging(), MergeTest.staying());
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("uses")
  void computesAsBesideABaseWhoseFilesHoldWhatTheStorageReadsBack(MergeTest.Use use)
      throws IOException {
    List<Weight> layout =
        new Bases(List.of(use.family())).architecture(folder(use), null).weights();
    for (Coded coded :
        List.of(
            new Coded(new EightBit(), StoragesTest::int8),
            new Coded(new NormalFloat(), StoragesTest::nf4))) {
      RandomModel rounded = random(use);
      for (Weight weight : layout) {
        float[] values = rounded.weights().get(weight.name());
        if (weight.role() == Weight.Role.MATRIX) {
          float[] back = coded.readBack().apply(weight.tensor(), values);
          System.arraycopy(back, 0, values, 0, back.length);
        } else if (weight.role() == Weight.Role.TABLE) {
          for (int n = 0; n < values.length; n++) {
            values[n] = bfloat16(values[n]);
          }
        }
      }
      Path exact =
          rounded.write(scratch.resolve("read-back-" + coded.storage().getClass().getSimpleName()));
      List<float[]> expected = gradient(use, exact, Floating.FP32);
      List<float[]> actual = gradient(use, folder(use), coded.storage());
      for (int t = 0; t < expected.size(); t++) {
        assertNear(expected.get(t), actual.get(t));
      }
    }
  }

  /** A storage, and what it makes of a matrix. */
  private record Coded(Storage storage, BiFunction<Tensor, float[], float[]> readBack) {}

  private RandomModel random(MergeTest.Use use) throws IOException {
    return new RandomModel(use.family(), use.config(), Head.TOKENS, scratch);
  }

  private Path folder(MergeTest.Use use) throws IOException {
    return random(use).write(scratch.resolve("base"));
  }

  private static float[] int8(Tensor tensor, float[] values) {
    ByteBuffer codes = ByteBuffer.allocate(values.length);
    Int8 matrix = new Int8(tensor, codes);
    matrix.add(values, 0, values.length);
    float[] back = new float[values.length];
    Int8.decode(tensor, codes.flip(), matrix.scales(), 0, back, 0, back.length);
    return back;
  }

  private static float[] nf4(Tensor tensor, float[] values) {
    ByteBuffer codes = ByteBuffer.allocate(Nf4.bytes(values.length));
    Nf4 matrix = new Nf4(tensor, codes);
    matrix.add(values, 0, values.length);
    Absmax largest = matrix.finish();
    float[] back = new float[values.length];
    Nf4.decode(codes.flip(), largest, 0, back, 0, back.length);
    return back;
  }

  /** To nearest, ties to even. */
  private static float bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
  }

  /** The loss, then the gradients; the adapter's values are the same on every base. */
  private List<float[]> gradient(MergeTest.Use use, Path folder, Storage storage) {
    Precision precision = new Precision(Route.FP32, storage);
    Base base = new Bases(List.of(use.family())).open(folder, Head.TOKENS, precision);
    try (LanguageModel model =
            new LanguageModel(
                base,
                use.method().open(use.options(), base.architecture()),
                Gradient.of(new PlainLoss(Head.Kind.TOKENS)));
        NDManager owner = model.newManager()) {
      Tensors values = new Tensors(model.schema());
      for (int t = 0; t < values.schema().tensors().size(); t++) {
        new Philox(t).addNormals(0, 0.2f, values.values(t), values.values(t).length);
      }
      List<Row> rows = Stream.of(FamilyContract.texts()).map(text -> Row.next(text, 1)).toList();
      NDList p = model.list(owner, "p", values);
      NDList start = model.list(owner, "start", values);
      Batch batch = Batch.of(rows, model.places());
      return model.call(owner, "gradient", true, batch, p, start).stream()
          .map(NDArray::toFloatArray)
          .toList();
    }
  }

  private static void assertNear(float[] expected, float[] actual) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 2e-5 * largest, "at " + i);
    }
  }
}
