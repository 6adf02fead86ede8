package fedllm.trainers.fedbert;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What crosses a cut: for each client the stream that enters the layers, or leaves them, or its
 * gradient, [batch, length, width]; at the lower cut also how many tokens each text has. In tensors
 * as the strategy {@code cuts} has them.
 *
 * @param batch texts of a client in a step
 * @param length tokens of a text, filled up
 * @param width of the model's stream
 */
record Streams(int batch, int length, int width) {

  static final String LOWER = "fedllm.cut.lower";
  static final String UPPER = "fedllm.cut.upper";
  static final String ENDS = "fedllm.cut.ends";
  private static final String ROW = "row.";

  /** One client's part of what crosses a cut; {@code lengths} is empty at the upper one. */
  record Row(float[] lengths, float[] stream) {}

  /** The tensors of a module, with the rows of these clients. */
  List<Tensor> tensors(String module, List<String> clients) {
    long rows = clients.size();
    List<Tensor> tensors = new ArrayList<>();
    clients.forEach(client -> tensors.add(new Tensor(module, ROW + client, List.of(1L))));
    if (module.equals(LOWER)) {
      tensors.add(new Tensor(module, "lengths", List.of(rows, (long) batch)));
    }
    if (!module.equals(ENDS)) {
      tensors.add(
          new Tensor(module, "stream", List.of(rows, (long) batch, (long) length, (long) width)));
    }
    return tensors;
  }

  /** An update with these rows. */
  Tensors update(String module, Map<String, Row> rows) {
    Tensors update = new Tensors(new Schema(tensors(module, List.copyOf(rows.keySet()))));
    int at = 0;
    for (Map.Entry<String, Row> row : rows.entrySet()) {
      update.values(module + "." + ROW + row.getKey())[0] = 1;
      float[] lengths = row.getValue().lengths();
      float[] stream = row.getValue().stream();
      if (module.equals(LOWER)) {
        System.arraycopy(lengths, 0, update.values(module + ".lengths"), at * batch, batch);
      }
      if (!module.equals(ENDS)) {
        int size = batch * length * width;
        System.arraycopy(stream, 0, update.values(module + ".stream"), at * size, size);
      }
      at++;
    }
    return update;
  }

  /** The rows that a state has of a module, in its order. */
  Map<String, Row> rows(Tensors state, String module) {
    List<String> clients =
        state.schema().only(module::equals).tensors().stream()
            .map(Tensor::parameter)
            .filter(name -> name.startsWith(ROW))
            .map(name -> name.substring(ROW.length()))
            .toList();
    Schema expected = new Schema(tensors(module, clients));
    if (clients.isEmpty() || !state.schema().only(module::equals).equals(expected)) {
      throw new SitsOut(
          "the state has no streams in "
              + module
              + " of "
              + this
              + "; all clients need one job's trainer");
    }
    Map<String, Row> rows = new LinkedHashMap<>();
    for (String client : clients) {
      rows.put(
          client,
          new Row(
              module.equals(LOWER) ? part(state, module + ".lengths", rows.size(), batch) : none(),
              part(state, module + ".stream", rows.size(), batch * length * width)));
    }
    return rows;
  }

  private static float[] part(Tensors state, String name, int row, int size) {
    return Arrays.copyOfRange(state.values(name), row * size, (row + 1) * size);
  }

  static float[] none() {
    return new float[0];
  }
}
