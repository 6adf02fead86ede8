package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.text.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What frozen layers below all that is trained make of each row, kept within a number of bytes:
 * whoever comes first stays, for passes over the same examples would drive each other out of
 * anything else. Rows are computed one at a time, so that nothing depends on what was kept. One
 * thread.
 */
final class FrozenCache {

  static final Part PART =
      Part.of(
          """
            def side_by_side(self: __torch__.K, length: Tensor, xs: List[Tensor]) -> Tensor:
              rows = annotate(List[Tensor], [])
              for x in xs:
                missing = int(torch.item(length)) - torch.size(x, 1)
                _0 = torch.append(rows, torch.constant_pad_nd(x, [0, 0, 0, missing]))
              return torch.cat(rows)
          """);

  private final LanguageModel model;
  private final NDManager owner;
  private final long bytes;
  private final Map<Key, Kept> kept = new HashMap<>();
  private long used;

  /** A row of an example. */
  private record Key(int example, int row) {}

  /** What was made of a row that had these tokens. */
  private record Kept(Batch row, NDArray stream) {}

  FrozenCache(LanguageModel model, long bytes) {
    this.model = model;
    this.owner = model.newManager();
    this.bytes = bytes;
  }

  /** The stream that enters the first layer that is trained, [rows, length, width]. */
  NDArray stream(NDManager step, Lesson.Piece piece, NDList values) {
    List<NDArray> rows = new ArrayList<>();
    for (int e = 0; e < piece.examples().length; e++) {
      for (int r = piece.from()[e]; r < piece.from()[e + 1]; r++) {
        Key key = new Key(piece.examples()[e], r - piece.from()[e]);
        rows.add(stream(step, key, piece.batch().row(r), values));
      }
    }
    NDList arguments = new NDList(step.create((long) piece.batch().length()));
    for (NDArray row : rows) {
      row.setName("xs[]");
      arguments.add(row);
    }
    return model.call("side_by_side", arguments).head();
  }

  private NDArray stream(NDManager step, Key key, Batch row, NDList values) {
    Kept known = kept.get(key);
    if (known != null
        && Arrays.equals(known.row().ids(), row.ids())
        && Arrays.equals(known.row().types(), row.types())) {
      return known.stream();
    }
    NDArray stream = model.call(step, "below", false, row, values).head();
    long size = Float.BYTES * stream.size();
    if (known == null && used + size <= bytes) {
      stream.attach(owner);
      kept.put(key, new Kept(row, stream));
      used += size;
    }
    return stream;
  }

  /** Bytes that are kept. */
  long used() {
    return used;
  }
}
