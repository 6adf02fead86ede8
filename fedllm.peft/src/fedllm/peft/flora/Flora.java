package fedllm.peft.flora;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Wraps;
import fedllm.api.tensor.Schema;
import fedllm.learning.model.Architecture;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Role;
import org.osgi.service.component.annotations.Component;

/**
 * Trains fresh factors in each round, beside the stack of all that was learned before, which stays:
 * {@code y + s B_t A_t x + s B A x}, where the state is the stack {@code B_t A_t} of any rank. What
 * the paper merges into the frozen weights stands beside them here, and is the same sum: clients
 * share a base that may be held in few bits.
 */
@Component
@Plugin(
    name = "flora",
    does = "trains fresh factors each round, beside the stack of those before",
    paper = "arXiv:2409.05976",
    options = Flora.Config.class,
    with = "strategy/flora")
public final class Flora implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** The method whose factors they are, one with ranks. */
    @Required
    @Wraps(PeftMethod.class)
    String of() default "lora";
  }

  /** The stack alone: what is used once nobody trains. */
  @Override
  public Adapter open(Options options, Architecture model) {
    Choice<PeftMethod> of = options.choice("of", PeftMethod.class);
    Adapter adapter = of.plugin().open(of.options(), model);
    if (!adapter.then().isEmpty()
        || !adapter.common().isEmpty()
        || adapter.parameters().stream().noneMatch(parameter -> parameter.rankAxis() >= 0)) {
      throw new SitsOut("peft.of is no single adapter with ranks; name one, such as lora");
    }
    return adapter;
  }

  @Override
  public Role role(Options options, Architecture model, Schema state) {
    return new Fresh(open(options, model));
  }
}
