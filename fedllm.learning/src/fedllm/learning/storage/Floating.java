package fedllm.learning.storage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import fedllm.api.tensor.Tensor;
import fedllm.learning.kernel.Casts;
import java.util.List;

/** Matrices as floating-point numbers. */
public enum Floating implements Storage {
  /** 32 bits. */
  FP32(6),
  /** 16 bits, as many of them for the exponent as in 32. */
  BF16(15);

  private final int dtype;

  Floating(int dtype) {
    this.dtype = dtype;
  }

  @Override
  public Held open(NDManager owner, Tensor tensor) {
    return new Pieces(owner, dtype);
  }

  @Override
  public String matrix(List<String> held, long rows, long columns, int wanted) {
    return wanted == dtype ? held.get(0) : "torch.to(" + held.get(0) + ", " + wanted + ")";
  }

  /** Pieces that become one when the last has come. */
  private static final class Pieces implements Held {
    private final NDManager owner;
    private final NDManager pieces;
    private final int dtype;
    private final NDList all = new NDList();

    Pieces(NDManager owner, int dtype) {
      this.owner = owner;
      this.pieces = owner.newSubManager();
      this.dtype = dtype;
    }

    @Override
    public boolean takesHalves() {
      return dtype == 15;
    }

    @Override
    public void add(NDArray rows) {
      boolean same = (dtype == 6) == (rows.getDataType() == DataType.FLOAT32);
      NDArray piece = same ? rows.duplicate() : Casts.to(rows, dtype);
      piece.attach(pieces);
      all.add(piece);
    }

    @Override
    public NDList all() {
      NDArray whole = all.size() == 1 ? all.head() : NDArrays.concat(all, 0);
      whole.attach(owner);
      pieces.close();
      return new NDList(whole);
    }
  }
}
