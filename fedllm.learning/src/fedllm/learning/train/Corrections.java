package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.kernel.Kernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compiles each text of {@link Correction} once, and puts corrections to work. One thread. */
public final class Corrections {

  private static final String METHOD =
      """
        def correct(self: __torch__.K, one: Tensor, p: List[Tensor], g: List[Tensor]LISTS) -> Tensor:
      TEXT    return one
      """;

  private final NDManager owner;
  private final Map<String, Kernel> kernels = new HashMap<>();

  /** Whose compiled methods live as long as {@code owner}. */
  public Corrections(NDManager owner) {
    this.owner = owner;
  }

  /**
   * Begins a phase.
   *
   * @param phase owner of arrays that live as long as the phase
   * @param all corrections, one after the other
   * @param moving the tensors that move
   * @param values those tensors, the list argument {@code p}
   */
  public AtWork begin(NDManager phase, List<Correction> all, Schema moving, NDList values) {
    return new AtWork(all.stream().map(one -> new One(phase, one, moving, values)).toList());
  }

  private Kernel kernel(Correction correction) {
    String lists =
        Stream.concat(correction.reads().keySet().stream(), correction.gathers().keySet().stream())
            .map(name -> ", " + name + ": List[Tensor]")
            .collect(Collectors.joining());
    String text = METHOD.replace("LISTS", lists).replace("TEXT", correction.text());
    return kernels.computeIfAbsent(text, method -> Kernel.compile(owner, method));
  }

  /** The corrections of one phase. */
  public static final class AtWork {

    private final List<One> all;
    private long steps;

    private AtWork(List<One> all) {
      this.all = all;
    }

    /** Changes the gradients of a step; {@code step} owns what this needs for a moment. */
    public void correct(NDManager step, NDList gradients) {
      steps++;
      all.forEach(one -> one.correct(step, gradients));
    }

    /** Hands over what was gathered. */
    public void end() {
      all.forEach(one -> one.end(steps));
    }
  }

  private final class One {

    private final Correction correction;
    private final Schema moving;
    private final Kernel kernel;
    private final NDList values;
    private final NDList read = new NDList();
    private final Map<String, NDList> gathered = new HashMap<>();

    One(NDManager phase, Correction correction, Schema moving, NDList values) {
      this.correction = correction;
      this.moving = moving;
      this.kernel = kernel(correction);
      this.values = values;
      correction
          .reads()
          .forEach((name, given) -> read.addAll(Kernel.list(name, arrays(phase, moving, given))));
      correction
          .gathers()
          .keySet()
          .forEach(
              name -> {
                NDList sum = Kernel.list(name, arrays(phase, moving, new Tensors(moving)));
                gathered.put(name, sum);
                read.addAll(sum);
              });
    }

    void correct(NDManager step, NDList gradients) {
      NDList arguments = new NDList(step.create(0f));
      arguments.addAll(values);
      arguments.addAll(Kernel.list("g", gradients));
      arguments.addAll(read);
      kernel.call("correct", false, arguments);
    }

    void end(long steps) {
      correction
          .gathers()
          .forEach(
              (name, to) -> {
                List<float[]> sums = new ArrayList<>();
                for (NDArray one : gathered.get(name)) {
                  sums.add(one.toFloatArray());
                }
                to.take(new Tensors(moving, sums), steps);
              });
    }
  }

  private static NDList arrays(NDManager owner, Schema moving, Tensors given) {
    NDList arrays = new NDList();
    for (Tensor tensor : moving.tensors()) {
      long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
      arrays.add(owner.create(given.values(tensor.name()), new Shape(shape)));
    }
    return arrays;
  }
}
