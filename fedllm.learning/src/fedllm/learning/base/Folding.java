package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.error.Refused;
import fedllm.api.tensor.Tensor;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What each weight becomes when an adapter is folded in, in 32-bit floats. Used by one thread. */
final class Folding implements AutoCloseable {

  private static final List<String> KEYS = List.of("weight", "bias");

  private final NDManager manager = Torch.newManager();
  private final Map<String, List<Graft>> sites = new LinkedHashMap<>();
  private final Set<String> weights = new HashSet<>();
  private final Kernel kernel;
  private final NDList values;

  /**
   * Checks that all of it can be folded in.
   *
   * @throws Refused which names the site where it cannot
   */
  Folding(Architecture model, Adapters.Opened opened) {
    Set<String> known = new HashSet<>();
    model.weights().forEach(weight -> known.add(weight.name()));
    // By identity: two adapters may be of one kind.
    IdentityHashMap<Graft, Integer> first = new IdentityHashMap<>();
    int next = 0;
    for (Adapter adapter : opened.adapter().all()) {
      next += adapter.common().size();
      if (adapter.places() > 0) {
        throw refused("it puts places before each text");
      }
      for (Graft graft : adapter.grafts()) {
        check(graft, model, known);
        first.put(graft, next);
        sites.computeIfAbsent(graft.at().name(), name -> new ArrayList<>()).add(graft);
        graft.merged().keySet().forEach(key -> weights.add(graft.at().name() + "." + key));
        next += graft.parameters().size();
      }
    }
    kernel = Kernel.compile(manager, script(first));
    values = values(opened);
  }

  private static void check(Graft graft, Architecture model, Set<String> known) {
    String name = graft.at().name();
    if (graft.merged().isEmpty()) {
      throw refused("what it does at " + name + " is no change of a weight");
    }
    for (String key : graft.merged().keySet()) {
      if (!known.contains(name + "." + key)) {
        throw refused(name + " has no " + key + " of its own in this model");
      }
    }
    if (graft.at().kind() == Site.Kind.EMBEDDING && model.projection().equals(name + ".weight")) {
      throw refused(name + " is the head's weight too, which would change with it");
    }
  }

  private static Refused refused(String why) {
    return new Refused(
        "the adapter cannot be merged: " + why + "; use it beside its base, by --adapter");
  }

  /** One method for each graft and weight, by their places in {@link #sites}. */
  private String script(IdentityHashMap<Graft, Integer> first) {
    StringBuilder text = new StringBuilder("  def none(self: __torch__.K, x: Tensor) -> Tensor:\n");
    text.append("    return x\n");
    sites.forEach(
        (site, grafts) -> {
          for (int i = 0; i < grafts.size(); i++) {
            Graft graft = grafts.get(i);
            for (Map.Entry<String, String> merged : graft.merged().entrySet()) {
              text.append("  def ").append(method(site, i, merged.getKey()));
              text.append(
                  "(self: __torch__.K, W: Tensor, b: Tensor, p: List[Tensor]) -> Tensor:\n");
              int at = first.get(graft);
              for (Parameter parameter : graft.parameters()) {
                text.append("    ").append(parameter.symbol()).append(" = p[").append(at++);
                text.append("]\n");
              }
              text.append("    return ").append(merged.getValue()).append('\n');
            }
          }
        });
    return text.toString();
  }

  private static String method(String site, int graft, String key) {
    return Equations.name(site) + "_" + graft + "_" + key;
  }

  private NDList values(Adapters.Opened opened) {
    NDList list = new NDList();
    List<Tensor> tensors = opened.values().schema().tensors();
    for (int t = 0; t < tensors.size(); t++) {
      long[] shape = tensors.get(t).shape().stream().mapToLong(Long::longValue).toArray();
      list.add(manager.create(opened.values().values(t), new Shape(shape)));
    }
    return Kernel.list("p", list);
  }

  /** The weights that change. */
  Set<String> weights() {
    return weights;
  }

  /**
   * What a weight becomes.
   *
   * @param matrix the site's weight [out, in] as it is, of an embedding [tokens, width]
   * @param bias the site's bias as it is, or null
   */
  float[] fold(String weight, float[] matrix, long width, float[] bias) {
    String site = weight.substring(0, weight.lastIndexOf('.'));
    try (NDManager step = manager.newSubManager()) {
      Map<String, NDArray> now = new HashMap<>();
      now.put("weight", step.create(matrix, new Shape(matrix.length / width, width)));
      now.put("bias", step.create(bias == null ? new float[0] : bias));
      List<Graft> grafts = sites.get(site);
      for (int i = 0; i < grafts.size(); i++) {
        Map<String, NDArray> before = Map.copyOf(now);
        for (String key : KEYS) {
          if (grafts.get(i).merged().containsKey(key)) {
            NDList arguments = new NDList(before.get("weight"), before.get("bias"));
            arguments.addAll(values);
            now.put(key, kernel.call(method(site, i, key), false, arguments).head());
          }
        }
      }
      return now.get(weight.substring(weight.lastIndexOf('.') + 1)).toFloatArray();
    }
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
