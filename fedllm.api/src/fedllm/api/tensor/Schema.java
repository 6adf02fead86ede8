package fedllm.api.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The tensors of a payload, in the order in which they travel and are folded. */
public final class Schema {

  private final List<Tensor> tensors;
  private final Map<String, Integer> index = new HashMap<>();
  private final long size;

  /** Tensors of different names. */
  public Schema(List<Tensor> tensors) {
    this.tensors = List.copyOf(tensors);
    long values = 0;
    for (Tensor tensor : this.tensors) {
      if (index.put(tensor.name(), index.size()) != null) {
        throw new IllegalArgumentException("two tensors are called " + tensor.name());
      }
      values += tensor.size();
    }
    size = values;
  }

  /** The tensors in order. */
  public List<Tensor> tensors() {
    return tensors;
  }

  /** How many values all tensors have together. */
  public long size() {
    return size;
  }

  /** The modules in order: each a run of tensors that belong to one. */
  public List<Unit> modules() {
    List<Unit> modules = new ArrayList<>();
    for (int from = 0, to; from < tensors.size(); from = to) {
      String module = tensors.get(from).module();
      for (to = from + 1; to < tensors.size() && tensors.get(to).module().equals(module); ) {
        to++;
      }
      modules.add(Unit.of(tensors.subList(from, to)));
    }
    return modules;
  }

  /** The tensors that a test lets pass by their module, in order. */
  public Schema only(Predicate<String> module) {
    return new Schema(tensors.stream().filter(t -> module.test(t.module())).toList());
  }

  /** For messages: how many tensors and values, and the first one. */
  public String summary() {
    return tensors.isEmpty()
        ? "no tensor"
        : "%,d tensors of %,d values, the first %s".formatted(tensors.size(), size, tensors.get(0));
  }

  /** The place of a tensor in {@link #tensors}, or -1. */
  public int indexOf(String name) {
    return index.getOrDefault(name, -1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schema schema && tensors.equals(schema.tensors);
  }

  @Override
  public int hashCode() {
    return tensors.hashCode();
  }

  @Override
  public String toString() {
    return tensors.toString();
  }
}
