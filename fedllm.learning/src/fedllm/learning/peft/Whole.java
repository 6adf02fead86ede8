package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A module whose own weights are trained: they start as the frozen ones, which stay as they are.
 */
public final class Whole {

  private Whole() {}

  /**
   * A linear layer, the embedding or the head.
   *
   * @throws SitsOut when the site is of another kind, or its weight is another's
   */
  public static Graft of(Site at, Architecture model) {
    boolean weighted = has(model, at.name() + ".weight");
    if (!weighted) {
      throw new SitsOut(
          at.name()
              + " has no weight of its own in this model that could be trained whole; leave it"
              + " out");
    }
    long in = at.in();
    long out = at.out();
    if (at.kind() == Site.Kind.EMBEDDING) {
      return new Graft(
          at,
          List.of(frozen(at, "V", "weight", in, out)),
          "torch.where(torch.unsqueeze(torch.ge(x, 0), -1),"
              + " torch.embedding(V, torch.clamp_min(x, 0)), y)",
          Map.of("weight", "V"));
    }
    if (at.kind() != Site.Kind.LINEAR && at.kind() != Site.Kind.LOGITS) {
      throw new SitsOut(at.name() + " is no linear layer, embedding or head; leave it out");
    }
    List<Parameter> parameters = new ArrayList<>();
    Map<String, String> merged = new HashMap<>(Map.of("weight", "V"));
    parameters.add(frozen(at, "V", "weight", out, in));
    String equation = "linear(x, V)";
    if (has(model, at.name() + ".bias")) {
      parameters.add(frozen(at, "c", "bias", out));
      merged.put("bias", "c");
      equation += " + c";
    }
    return new Graft(at, parameters, equation, merged);
  }

  /** What starts as the frozen weight; where files lack it normal numbers, or zeros for a bias. */
  private static Parameter frozen(Site at, String symbol, String name, long... shape) {
    Parameter.OfBase first =
        (base, random, values) -> {
          float[] rows = base.rows(at.name() + "." + name, 0, Math.toIntExact(shape[0]));
          if (rows != null) {
            System.arraycopy(rows, 0, values, 0, values.length);
          } else if (shape.length > 1) {
            random.addNormals(0, 0.02f, values, values.length);
          }
        };
    return new Parameter(symbol, name, Arrays.stream(shape).boxed().toList(), first);
  }

  private static boolean has(Architecture model, String weight) {
    return model.weights().stream().anyMatch(known -> known.name().equals(weight));
  }
}
