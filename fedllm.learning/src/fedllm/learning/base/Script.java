package fedllm.learning.base;

import fedllm.api.tensor.Tensor;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Sites;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import java.util.HashMap;
import java.util.Map;

/** The TorchScript of a model with an adapter: its weights are the list w, what is trained is p. */
final class Script implements Sites {

  private final Architecture architecture;
  private final Map<String, Integer> weights = new HashMap<>();
  private final Map<String, Integer> grafted = new HashMap<>();
  private final StringBuilder text = new StringBuilder();

  Script(Architecture architecture, Adapter adapter) {
    this.architecture = architecture;
    for (Tensor weight : architecture.weights()) {
      weights.put(weight.name(), weights.size());
    }
    int parameter = 0;
    for (Graft graft : adapter.grafts()) {
      write(graft, parameter);
      parameter += graft.parameters().size();
    }
  }

  /** All of it. */
  String text() {
    return text + architecture.script(this);
  }

  private void write(Graft graft, int firstParameter) {
    int number = grafted.size();
    if (grafted.put(graft.at().name(), number) != null) {
      throw new IllegalArgumentException("two grafts stand at " + graft.at().name());
    }
    method("linear_" + number);
    line("y = torch.linear(x, " + weight(graft.at().name() + ".weight") + ")");
    int i = firstParameter;
    for (Parameter parameter : graft.parameters()) {
      line(parameter.symbol() + " = p[" + i++ + "]");
    }
    line("return " + graft.equation());
  }

  private void method(String name) {
    text.append("  def ").append(name);
    text.append("(self: __torch__.K, x: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:\n");
  }

  private void line(String code) {
    text.append("    ").append(code).append('\n');
  }

  @Override
  public String weight(String name) {
    Integer index = weights.get(name);
    if (index == null) {
      throw new IllegalArgumentException("no weight is called " + name);
    }
    return "w[" + index + "]";
  }

  @Override
  public String linear(String site, String x) {
    Integer number = grafted.get(site);
    return number == null
        ? "torch.linear(" + x + ", " + weight(site + ".weight") + ")"
        : "(self).linear_" + number + "(" + x + ", w, p)";
  }
}
