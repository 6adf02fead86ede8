package fedllm.strategies.replace;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Makes what the strategy combined the next state: of strategies that work on values, such as
 * factors of low rank, of which a sum of steps would be something else. Modules that were not
 * combined stay; those that were may have other shapes from then on.
 */
@Component
@Plugin(name = "replace", does = "next = what was combined", is = Trait.ABSOLUTE)
public final class Replace implements ServerOptimizer {

  @Override
  public Descent open(Options options, Scope scope) {
    return new Replacing();
  }

  private static final class Replacing implements Descent {

    @Override
    public Schema next(Schema global, Schema combined) {
      Map<String, Unit> made = new LinkedHashMap<>();
      combined.modules().forEach(module -> made.put(module.module(), module));
      List<Tensor> next = new ArrayList<>();
      for (Unit module : global.modules()) {
        Unit instead = made.remove(module.module());
        next.addAll((instead == null ? module : instead).tensors());
      }
      if (!made.isEmpty()) {
        throw new Ends("the global state has no module " + made.keySet().iterator().next());
      }
      return new Schema(next);
    }

    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      System.arraycopy(update, 0, next, 0, unit.length());
    }
  }
}
