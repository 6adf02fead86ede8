package fedllm.peft.slora;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Sparse;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Work;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.Restriction;
import fedllm.learning.peft.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;

/** The adapters of the two stages, and what a client makes of a state in each. */
final class Stages {

  /** What the places' tensors have behind the name of that of the values; they stay at clients. */
  private static final String ROWS = ".rows";

  private static final String COLUMNS = ".columns";

  private final Adapter lora;
  private final Adapter sparse;
  private final Adapter both;

  /**
   * Of the second stage's adapter.
   *
   * @param matrices those of the first, one for each graft; empty where nothing else is trained
   */
  Stages(Adapter lora, List<Optional<Sparse>> matrices, double density) {
    this.lora = lora;
    List<Graft> first = new ArrayList<>();
    List<Graft> all = new ArrayList<>();
    for (int i = 0; i < matrices.size(); i++) {
      Graft graft = lora.grafts().get(i);
      if (matrices.get(i).isEmpty()) {
        first.add(graft);
        all.add(graft);
        continue;
      }
      Sparse matrix = matrices.get(i).get();
      List<Parameter> some = parameters(matrix, density);
      String added = "(y + " + product(matrix) + ")";
      first.add(new Graft(graft.at(), some, added));
      List<Parameter> more = new ArrayList<>(some);
      more.addAll(graft.parameters());
      String equation = graft.equation().replaceAll("\\by\\b", Matcher.quoteReplacement(added));
      all.add(new Graft(graft.at(), more, equation));
    }
    sparse = new Adapter(first, lora.files());
    both = new Adapter(all, lora.files());
  }

  /** Values D at rows I and columns J. */
  private static List<Parameter> parameters(Sparse matrix, double density) {
    long size = (long) matrix.out() * matrix.in();
    List<Long> count = List.of(Math.max(1, Math.round(density * size)));
    String name = matrix.parameter();
    return List.of(
        new Parameter("D", name, count, Parameter.Fill.ZERO, 0),
        new Parameter("I", name + ROWS, count, Parameter.Fill.ZERO, 0),
        new Parameter("J", name + COLUMNS, count, Parameter.Fill.ZERO, 0));
  }

  private static String product(Sparse matrix) {
    return "torch.linear(x, torch.view(torch.scatter(torch.new_zeros(D, [%d]), 0,"
            .formatted((long) matrix.out() * matrix.in())
        + " torch.add(torch.mul(torch.to(I, 4), %d), torch.to(J, 4)), D), [%d, %d]))"
            .formatted(matrix.in(), matrix.out(), matrix.in());
  }

  Adapter both() {
    return both;
  }

  /** A few weights. */
  Role first() {
    return new First();
  }

  /** LoRA. */
  Role second() {
    return new Second();
  }

  /** An adapter's tensors as a state has them, places drawn anew, and zeros of one rank else. */
  private static Tensors assemble(Adapter adapter, Tensors state) {
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    List<Parameter> parameters = adapter.parameters();
    for (int t = 0; t < parameters.size(); t++) {
      Tensor tensor = adapter.schema().tensors().get(t);
      int there = state.schema().indexOf(tensor.name());
      boolean rows = tensor.parameter().endsWith(ROWS);
      if (there >= 0) {
        tensors.add(state.schema().tensors().get(there));
        values.add(state.values(there));
      } else if ((rows || tensor.parameter().endsWith(COLUMNS))
          && state.schema().indexOf(valuesOf(tensor).name()) >= 0) {
        tensors.add(tensor);
        values.add(places(valuesOf(tensor), rows));
      } else {
        Tensor one = new Tensor(tensor.module(), tensor.parameter(), parameters.get(t).shape(1));
        tensors.add(one);
        values.add(new float[Math.toIntExact(one.size())]);
      }
    }
    return new Tensors(new Schema(tensors), values);
  }

  private static Tensor valuesOf(Tensor places) {
    String name = places.parameter();
    String end = name.endsWith(ROWS) ? ROWS : COLUMNS;
    return new Tensor(
        places.module(), name.substring(0, name.length() - end.length()), places.shape());
  }

  private static float[] places(Tensor of, boolean rows) {
    Sparse matrix = Sparse.of(of).orElseThrow();
    int[] places = matrix.places(of.module(), Math.toIntExact(of.size()));
    float[] some = new float[places.length];
    for (int i = 0; i < places.length; i++) {
      some[i] = rows ? places[i] / matrix.in() : places[i] % matrix.in();
    }
    return some;
  }

  private static boolean isPlaces(Tensor tensor) {
    return tensor.parameter().endsWith(ROWS) || tensor.parameter().endsWith(COLUMNS);
  }

  private final class First implements Role {

    @Override
    public Adapter adapter() {
      return sparse;
    }

    @Override
    public boolean moves(Tensor tensor) {
      return !isPlaces(tensor);
    }

    @Override
    public Tensors start(Tensors first) {
      List<Tensor> tensors = first.schema().tensors().stream().filter(this::moves).toList();
      return new Tensors(
          new Schema(tensors),
          tensors.stream().map(tensor -> first.values(tensor.name())).toList());
    }

    @Override
    public Tensors hold(Tensors global, Work work, Scope scope) {
      if (global.schema().equals(sparse.schema())) {
        return global;
      }
      Schema expected = new Schema(sparse.schema().tensors().stream().filter(this::moves).toList());
      if (!global.schema().equals(expected)) {
        throw new SitsOut(
            "the global state has %s, and this silo's peft %s; its density, maskSeed, rank, alpha and targets have to be the job's"
                .formatted(global.schema().summary(), expected.summary()));
      }
      return assemble(sparse, global);
    }

    @Override
    public Tensors view(Tensors global, Work work) {
      return assemble(both, hold(global, work, null));
    }
  }

  private final class Second implements Role {

    @Override
    public Adapter adapter() {
      return lora;
    }

    @Override
    public Tensors hold(Tensors global, Work work, Scope scope) {
      return Restriction.of(lora, work.settings()).of(global);
    }

    @Override
    public Tensors view(Tensors global, Work work) {
      return assemble(both, hold(global, work, null));
    }
  }
}
