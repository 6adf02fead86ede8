package fedllm.trainers.fedspsc;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions as a global state: {@code fedllm.questions.text} [questions, bytes] holds UTF-8, a byte
 * in each float and zeros behind; {@code fedllm.answers.tally} [questions, votes, 4] what came of
 * them.
 */
final class Questions {

  private static final Tensor NONE = new Tensor("fedllm.questions", "text", List.of(1L, 1L));

  private Questions() {}

  /** A state with questions and without answers. */
  static Tensors state(List<String> questions, int votes) {
    List<byte[]> texts =
        questions.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    int longest = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
    Tensor text =
        new Tensor(NONE.module(), NONE.parameter(), List.of((long) texts.size(), (long) longest));
    Tensor tally = tally(questions.size(), votes);
    Tensors state = new Tensors(new Schema(List.of(text, tally)));
    for (int question = 0; question < texts.size(); question++) {
      for (int i = 0; i < texts.get(question).length; i++) {
        state.values(0)[question * longest + i] = texts.get(question)[i] & 0xFF;
      }
    }
    return state;
  }

  private static Tensor tally(long questions, long votes) {
    return new Tensor("fedllm.answers", "tally", List.of(questions, votes, 4L));
  }

  /** Room for the votes on some questions: what an update is. */
  static Tensors votes(int questions, int votes) {
    return new Tensors(new Schema(List.of(tally(questions, votes))));
  }

  /**
   * The questions of a state.
   *
   * @throws SitsOut where it has none, or they came through something that changed them
   */
  static List<String> of(Tensors state) {
    int place = state.schema().indexOf(NONE.name());
    if (place < 0) {
      throw new SitsOut("the global state has no questions; it is another trainer's");
    }
    int longest = Math.toIntExact(state.schema().tensors().get(place).shape().get(1));
    float[] values = state.values(place);
    List<String> questions = new ArrayList<>();
    for (int from = 0; from < values.length; from += longest) {
      questions.add(text(values, from, longest));
    }
    return questions;
  }

  private static String text(float[] values, int from, int longest) {
    byte[] bytes = new byte[longest];
    int length = 0;
    while (length < longest && values[from + length] != 0) {
      bytes[length] = (byte) values[from + length];
      if ((bytes[length] & 0xFF) != values[from + length]) {
        throw changed(null);
      }
      length++;
    }
    try {
      CharBuffer text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw changed(e);
    }
  }

  private static SitsOut changed(Throwable cause) {
    return new SitsOut(
        "the questions did not come as they were sent; name only lossless codecs in codecs.down",
        cause);
  }
}
