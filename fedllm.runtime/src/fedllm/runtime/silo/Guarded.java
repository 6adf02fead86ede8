package fedllm.runtime.silo;

import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import java.util.List;

/** Leads an update past the guards that stand where it leaves the silo. */
final class Guarded {

  private interface OnUnit {
    void see(Unit unit, float[] values);
  }

  private Guarded() {}

  /** One guard after the other changes the update in place. */
  static void pass(List<Watch> watches, String client, int round, Tensors update) {
    Passage passage = new Passage(Point.SILO_OUT, client, round, update.schema());
    for (Watch watch : watches) {
      watch.begin(passage);
      eachUnit(update, watch::observe);
      eachUnit(update, watch::pass);
    }
  }

  private static void eachUnit(Tensors tensors, OnUnit on) {
    float[] values = new float[Unit.MAX_VALUES];
    List<Tensor> all = tensors.schema().tensors();
    for (int t = 0; t < all.size(); t++) {
      float[] whole = tensors.values(t);
      for (int i = 0; i < Unit.blocks(all.get(t)); i++) {
        Unit unit = Unit.block(all.get(t), i);
        System.arraycopy(whole, (int) unit.offset(), values, 0, unit.length());
        on.see(unit, values);
        System.arraycopy(values, 0, whole, (int) unit.offset(), unit.length());
      }
    }
  }
}
