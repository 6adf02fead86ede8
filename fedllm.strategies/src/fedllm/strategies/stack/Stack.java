package fedllm.strategies.stack;

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
import fedllm.strategies.factors.Pair;
import fedllm.strategies.factors.ProductSum;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Component;

/**
 * Puts the factors that were combined behind those that the state has: {@code A = [A; A']}, {@code
 * B = [B | B']}, {@code BA + B'A'}. Where the ranks would pass the smaller side of the layer, the
 * sum is written with that many ranks, which loses nothing. What is no factor of LoRA is replaced.
 */
@Component
@Plugin(
    name = "stack",
    does = "next = the state's factors and the combined ones side by side",
    paper = "arXiv:2409.05976",
    is = Trait.ABSOLUTE)
public final class Stack implements ServerOptimizer {

  @Override
  public Descent open(Options options, Scope scope) {
    return new Stacking(scope);
  }

  private static final class Stacking implements Descent {

    private final Scope scope;
    private Schema present;
    private Schema added;
    private int round;

    Stacking(Scope scope) {
      this.scope = scope;
    }

    @Override
    public void begin(int newRound) {
      round = newRound;
    }

    @Override
    public Schema next(Schema global, Schema combined) {
      Map<String, Pair> more = pairs(combined);
      if (!more.keySet().equals(pairs(global).keySet())) {
        throw new Ends(
            "stack: the strategy makes "
                + combined.summary()
                + ", and not the same factors as the state's, "
                + global.summary()
                + "; take the strategy flora");
      }
      present = global;
      added = combined;
      return Pair.with(
          global, pair -> Math.min(pair.most(), pair.rank() + more.get(pair.a().name()).rank()));
    }

    @Override
    public Map<String, String> files(Map<String, String> first, Schema state) {
      Map<String, String> files = new HashMap<>(first);
      files.computeIfPresent(Config.NAME, (name, text) -> Config.of(text, state));
      return files;
    }

    private static Map<String, Pair> pairs(Schema schema) {
      Map<String, Pair> pairs = new TreeMap<>();
      for (Unit module : schema.modules()) {
        Pair.of(module.tensors()).forEach(pair -> pairs.put(pair.a().name(), pair));
      }
      return pairs;
    }

    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      replace(unit, update, next);
      Map<String, Pair> before = pairs(present.only(unit.module()::equals));
      Map<String, Pair> more = pairs(added.only(unit.module()::equals));
      for (Pair stack : Pair.of(unit.tensors())) {
        Pair old = before.get(stack.a().name());
        Pair fresh = more.get(stack.a().name());
        if (old.rank() + fresh.rank() == stack.rank()) {
          Pair.Sink sink = (i, value) -> next[i] = (float) value;
          old.copyTo(stack, 0, 1, global, sink);
          fresh.copyTo(stack, old.rank(), 1, update, sink);
        } else {
          ProductSum sum = new ProductSum(stack.out(), stack.in());
          sum.add(1, old, global);
          sum.add(1, fresh, update);
          ProductSum.Cut cut =
              sum.cut(stack.rank(), scope.random(round, 0, "further rows of " + stack.a().name()));
          stack.write(cut.a(), cut.b(), (i, value) -> next[i] = (float) value);
        }
      }
    }

    /** What is no factor, by its name. */
    private void replace(Unit unit, float[] update, float[] next) {
      List<Pair> pairs = Pair.of(unit.tensors());
      int to = 0;
      for (Tensor tensor : unit.tensors()) {
        int size = Math.toIntExact(tensor.size());
        if (pairs.stream().noneMatch(pair -> pair.has(tensor))) {
          System.arraycopy(update, place(tensor), next, to, size);
        }
        to += size;
      }
    }

    private int place(Tensor tensor) {
      int at = 0;
      for (Tensor other : added.only(tensor.module()::equals).tensors()) {
        if (other.equals(tensor)) {
          return at;
        }
        at += Math.toIntExact(other.size());
      }
      throw new Ends("stack: the strategy makes no " + tensor);
    }
  }
}
