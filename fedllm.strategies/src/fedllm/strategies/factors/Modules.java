package fedllm.strategies.factors;

import fedllm.api.strategy.Part;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The members' parts of one module. */
public final class Modules {

  private Modules() {}

  /** All of them, valid as long as the parts. */
  public static List<Part> of(Iterable<Part> parts) {
    List<Part> all = new ArrayList<>();
    parts.forEach(all::add);
    return all;
  }

  /** Adds the mean of what is no factor of LoRA, which has the same shape at all members. */
  public static void mean(Unit unit, List<Part> parts, ToDoubleFunction<Part> weight, Block out) {
    List<Pair> pairs = Pair.of(unit.tensors());
    int at = 0;
    for (Tensor tensor : unit.tensors()) {
      int size = Math.toIntExact(tensor.size());
      if (pairs.stream().noneMatch(pair -> pair.has(tensor))) {
        for (Part part : parts) {
          out.add(weight.applyAsDouble(part), aligned(part, tensor, at, unit), at, at + size);
        }
      }
      at += size;
    }
  }

  /** A member's values, this tensor's where the unit has it. */
  private static float[] aligned(Part part, Tensor tensor, int at, Unit unit) {
    int from = 0;
    for (Tensor own : part.tensors()) {
      if (own.name().equals(tensor.name())) {
        if (from == at) {
          return part.values();
        }
        float[] moved = new float[unit.length()];
        System.arraycopy(part.values(), from, moved, at, Math.toIntExact(own.size()));
        return moved;
      }
      from += Math.toIntExact(own.size());
    }
    throw new IllegalArgumentException(part.member().client() + " has no " + tensor);
  }
}
