package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.model.Weight;
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
    Weight weight = weight(model, at.name() + ".weight");
    if (weight == null) {
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
    // As the base's files have it, for PEFT does so too.
    boolean turned = weight.transposed();
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(turned ? transposed(at, in, out) : frozen(at, "V", "weight", out, in));
    Map<String, String> merged = new HashMap<>();
    merged.put("weight", turned ? "torch.t(V)" : "V");
    String equation = turned ? "torch.matmul(x, V)" : "linear(x, V)";
    if (weight(model, at.name() + ".bias") != null) {
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

  /** The same of a matrix that files hold as [in, out]. */
  private static Parameter transposed(Site at, long in, long out) {
    Parameter lying = frozen(at, "V", "weight", out, in);
    Parameter.OfBase first =
        (base, random, values) -> {
          float[] rows = new float[values.length];
          ((Parameter.OfBase) lying.first()).fill(base, random, rows);
          for (int i = 0; i < rows.length; i++) {
            values[(int) (i % in * out + i / in)] = rows[i];
          }
        };
    return new Parameter("V", "weight", List.of(in, out), first);
  }

  private static Weight weight(Architecture model, String name) {
    return model.weights().stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElse(null);
  }
}
