package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * Lets the optimizer step with what a fold makes, and writes the next state: unit by unit as it
 * comes, or module by module where the state's tensors are others than the update's. One thread.
 */
interface Steps {

  /** Takes what was combined of a unit; units come in order and leave nothing out. */
  void take(Unit unit, float[] update) throws IOException;

  /** All units came. */
  void end() throws IOException;

  /** From the present state to the next one. */
  static Steps of(
      Descent descent,
      Schema combined,
      Schema next,
      SafetensorsFile before,
      SafetensorsWriter after) {
    return combined.equals(before.schema()) && next.equals(combined)
        ? new OfUnits(descent, before, after)
        : new OfModules(descent, combined, next, before, after);
  }

  /** Room for so many values; those of the last unit are not needed any more. */
  private static float[] room(float[] old, int length) {
    return old.length < length ? new float[length] : old;
  }

  /** Every unit is one of all three. */
  final class OfUnits implements Steps {

    private final Descent descent;
    private final SafetensorsFile before;
    private final SafetensorsWriter after;
    private float[] global = new float[0];
    private float[] next = new float[0];

    private OfUnits(Descent descent, SafetensorsFile before, SafetensorsWriter after) {
      this.descent = descent;
      this.before = before;
      this.after = after;
    }

    @Override
    public void take(Unit unit, float[] update) throws IOException {
      global = room(global, unit.length());
      next = room(next, unit.length());
      GlobalStates.read(before, unit, global);
      descent.step(unit, global, update, next);
      after.write(unit, next);
    }

    @Override
    public void end() {}
  }

  /** A module at a time: memory is the largest one's. */
  final class OfModules implements Steps {

    private final Descent descent;
    private final Modules combined;
    private final Modules present;
    private final Modules following;
    private final SafetensorsFile before;
    private final SafetensorsWriter after;
    private float[] update = new float[0];
    private float[] global = new float[0];
    private float[] next = new float[0];
    private int module;
    private int filled;
    private int written;

    private OfModules(
        Descent descent,
        Schema combined,
        Schema next,
        SafetensorsFile before,
        SafetensorsWriter after) {
      this.descent = descent;
      this.combined = new Modules(combined);
      this.present = new Modules(before.schema());
      this.following = new Modules(next);
      this.before = before;
      this.after = after;
    }

    @Override
    public void take(Unit unit, float[] values) throws IOException {
      int length = combined.unit(module).length();
      update = room(update, length);
      System.arraycopy(values, 0, update, filled, unit.length());
      filled += unit.length();
      if (filled == length) {
        step(combined.key(module));
        filled = 0;
        module++;
      }
    }

    private void step(Modules.Key key) throws IOException {
      int place = following.place(key);
      if (place < written) {
        throw new Ends(
            "the strategy makes the module %s, which the next state %s; the optimizer is wrong"
                .formatted(key, place < 0 ? "lacks" : "has before another one"));
      }
      carryOver(place);
      Unit unit = following.unit(place);
      read(present.place(key));
      next = room(next, unit.length());
      descent.step(unit, global, update, next);
      after.write(unit, next);
      written = place + 1;
    }

    /** What was not combined stays as it is. */
    private void carryOver(int to) throws IOException {
      for (; written < to; written++) {
        Modules.Key key = following.key(written);
        int place = present.place(key);
        if (place < 0
            || combined.place(key) >= 0
            || !present.unit(place).tensors().equals(following.unit(written).tensors())) {
          throw new Ends(
              "the next state has a module %s that is neither combined nor in the state before;"
                      .formatted(key)
                  + " the optimizer is wrong");
        }
        read(place);
        after.write(present.unit(place), global);
      }
    }

    private void read(int place) {
      if (place < 0) {
        Arrays.fill(global, 0);
        return;
      }
      global = room(global, present.unit(place).length());
      GlobalStates.read(before, present.unit(place), global);
    }

    @Override
    public void end() throws IOException {
      carryOver(following.size());
    }
  }
}
