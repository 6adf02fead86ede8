package fedllm.models.nf4;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Tensor;
import fedllm.learning.quantize.Absmax;
import fedllm.learning.quantize.Nf4;
import fedllm.learning.storage.Storage;
import java.nio.ByteBuffer;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * Half a byte a value, a byte for each 64 of them, four bytes for each 16,384: QLoRA's storage,
 * made a matrix anew at each use. {@code c} are pairs of codes, {@code t} what each pair stands
 * for, {@code q}, {@code s} and {@code m} the blocks' largest magnitudes, {@code m + q * s}.
 */
@Component
@Plugin(
    name = "nf4",
    does = "holds frozen matrices as 4-bit NormalFloat with double quantisation",
    paper = "arXiv:2305.14314")
public final class NormalFloat implements Storage {

  private static final String METHODS =
      """
        def nf4(self: __torch__.K, c: Tensor, t: Tensor, q: Tensor, s: Tensor, m: Tensor, rows: int, columns: int) -> Tensor:
          n = rows * columns
          steps = torch.slice(torch.repeat_interleave(s, GROUP), 0, 0, torch.size(q, 0))
          largest = m + torch.to(q, 6) * steps
          pairs = torch.flatten(torch.embedding(t, torch.to(c, 3)))
          if torch.eq(torch.remainder(n, BLOCK), 0):
            v = torch.reshape(pairs, [-1, BLOCK]) * torch.unsqueeze(largest, 1)
          else:
            each = torch.slice(torch.repeat_interleave(largest, BLOCK), 0, 0, n)
            v = torch.slice(pairs, 0, 0, n) * each
          return torch.reshape(v, [rows, columns])
      """
          .replace("GROUP", Integer.toString(Absmax.GROUP))
          .replace("BLOCK", Integer.toString(Nf4.BLOCK));

  @Override
  public String methods() {
    return METHODS;
  }

  @Override
  public String matrix(List<String> held, long rows, long columns, int dtype) {
    String call = "(self).nf4(" + String.join(", ", held) + ", " + rows + ", " + columns + ")";
    return dtype == 6 ? call : "torch.to(" + call + ", " + dtype + ")";
  }

  @Override
  public boolean coded() {
    return true;
  }

  @Override
  public Held open(NDManager owner, Tensor tensor) {
    ByteBuffer codes = ByteBuffer.allocateDirect(Nf4.bytes(tensor.size()));
    Nf4 matrix = new Nf4(tensor, codes);
    return new Held() {
      @Override
      public void add(NDArray rows) {
        float[] values = rows.toFloatArray();
        matrix.add(values, 0, values.length);
      }

      @Override
      public NDList all() {
        Absmax largest = matrix.finish();
        byte[] q = largest.codes();
        float[] s = largest.steps();
        try (NDManager lent = owner.newSubManager()) {
          // Copies: what Java made lies in Java's direct memory, of which there is little.
          NDList all = new NDList();
          Shape pairs = new Shape(codes.position());
          all.add(lent.create(codes.flip(), pairs, DataType.UINT8).duplicate());
          all.add(lent.create(table(), new Shape(256, 2)).duplicate());
          all.add(lent.create(ByteBuffer.wrap(q), new Shape(q.length), DataType.INT8).duplicate());
          all.add(lent.create(s, new Shape(s.length)).duplicate());
          all.add(lent.create(new float[] {largest.mean()}, new Shape(1)).duplicate());
          all.forEach(array -> array.attach(owner));
          return all;
        }
      }
    };
  }

  /** The two values of each byte, the high nibble's first. */
  private static float[] table() {
    float[] codebook = Nf4.codebook();
    float[] table = new float[512];
    for (int pair = 0; pair < 256; pair++) {
      table[2 * pair] = codebook[pair >> 4];
      table[2 * pair + 1] = codebook[pair & 15];
    }
    return table;
  }
}
