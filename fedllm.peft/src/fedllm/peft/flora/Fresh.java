package fedllm.peft.flora;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
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
import java.util.Map;
import java.util.regex.Matcher;

/** Trains fresh factors; the stack, named {@code lora_A.stack.weight}, stays. */
final class Fresh implements Role {

  /** What the stack's tensors have in their names and symbols. */
  private static final String STACK = "stack";

  private final Adapter opened;
  private final Adapter adapter;

  Fresh(Adapter opened) {
    this.opened = opened;
    this.adapter = new Adapter(opened.grafts().stream().map(Fresh::beside).toList(), Map.of());
  }

  /** The equation twice: once with the stack, and once more upon that. */
  private static Graft beside(Graft graft) {
    List<Parameter> stack = graft.parameters().stream().filter(Fresh::isRanked).toList();
    if (stack.isEmpty()) {
      return graft;
    }
    String before = graft.equation();
    List<Parameter> all = new ArrayList<>();
    for (Parameter factor : stack) {
      String symbol = factor.symbol() + "_" + STACK;
      before = before.replaceAll("\\b" + factor.symbol() + "\\b", symbol);
      all.add(
          new Parameter(
              symbol,
              stacked(factor.name()),
              factor.shape(),
              Parameter.Fill.ZERO,
              factor.rankAxis()));
    }
    all.addAll(graft.parameters());
    String both =
        graft.equation().replaceAll("\\by\\b", Matcher.quoteReplacement("(" + before + ")"));
    return new Graft(graft.at(), all, both);
  }

  private static boolean isRanked(Parameter parameter) {
    return parameter.rankAxis() >= 0;
  }

  private static String stacked(String name) {
    int dot = name.indexOf('.');
    return dot < 0
        ? name + "." + STACK
        : name.substring(0, dot) + "." + STACK + name.substring(dot);
  }

  @Override
  public Adapter adapter() {
    return adapter;
  }

  @Override
  public boolean moves(Tensor tensor) {
    return opened.schema().indexOf(tensor.name()) >= 0;
  }

  /** Products that are zero have one rank, as little as there can be: nothing was learned yet. */
  @Override
  public Tensors start(Tensors first) {
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    for (Graft graft : opened.grafts()) {
      String module = Adapter.PREFIX + "." + graft.at().name() + ".";
      boolean zero =
          graft.parameters().stream()
              .filter(Fresh::isRanked)
              .anyMatch(factor -> isZero(first.values(module + factor.name())));
      for (Parameter parameter : graft.parameters()) {
        Tensor whole =
            first.schema().tensors().get(first.schema().indexOf(module + parameter.name()));
        boolean cut = zero && isRanked(parameter);
        Tensor kept =
            cut ? new Tensor(whole.module(), whole.parameter(), parameter.shape(1)) : whole;
        tensors.add(kept);
        values.add(cut ? new float[Math.toIntExact(kept.size())] : first.values(whole.name()));
      }
    }
    return new Tensors(new Schema(tensors), values);
  }

  private static boolean isZero(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Tensors view(Tensors global, Work work) {
    checkNames(global.schema());
    return global;
  }

  private void checkNames(Schema state) {
    if (!state.tensors().stream().map(Tensor::name).toList().equals(names(opened.schema()))) {
      throw new SitsOut(
          "the global state has other tensors than this silo's peft: "
              + state.summary()
              + ", not "
              + opened.schema().summary()
              + "; check that plugins and base are the same everywhere");
    }
  }

  private static List<String> names(Schema schema) {
    return schema.tensors().stream().map(Tensor::name).toList();
  }

  @Override
  public Tensors hold(Tensors global, Work work, Scope scope) {
    if (names(global.schema()).equals(names(adapter.schema()))) {
      return global;
    }
    checkNames(global.schema());
    if (!work.absolute()) {
      throw new SitsOut("peft flora trains factors anew, and how far they moved says nothing");
    }
    Schema own = Restriction.of(opened, work.settings()).schema();
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    int next = 0;
    for (Graft graft : opened.grafts()) {
      int count = graft.parameters().size();
      for (int t = next; t < next + count; t++) {
        if (isRanked(graft.parameters().get(t - next))) {
          Tensor stack = global.schema().tensors().get(t);
          tensors.add(new Tensor(stack.module(), stacked(stack.parameter()), stack.shape()));
          values.add(global.values(t));
        }
      }
      for (int t = next; t < next + count; t++) {
        Parameter parameter = graft.parameters().get(t - next);
        Tensor mine = own.tensors().get(t);
        tensors.add(mine);
        if (isRanked(parameter)) {
          float[] first = new float[Math.toIntExact(mine.size())];
          Philox random = scope.random(work.round(), 0, "fresh " + mine.name());
          parameter.first().fill(random, first);
          values.add(first);
        } else {
          values.add(global.values(t));
        }
      }
      next += count;
    }
    return new Tensors(new Schema(tensors), values);
  }
}
