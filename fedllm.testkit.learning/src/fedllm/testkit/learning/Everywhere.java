package fedllm.testkit.learning;

import fedllm.api.random.Philox;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An adapter with something at every site, and nothing zero. */
public final class Everywhere {

  private static final long RANK = 2;

  private Everywhere() {}

  /** One graft for each site. */
  public static Adapter of(Architecture model) {
    List<Graft> grafts = new ArrayList<>();
    for (Site site : model.sites()) {
      grafts.add(at(site));
    }
    return new Adapter(grafts, Map.of());
  }

  /** Something that changes the output of a site. */
  public static Graft at(Site site) {
    long in = site.in();
    long out = site.out();
    return switch (site.kind()) {
      case LINEAR ->
          new Graft(
              site,
              List.of(parameter("A", 0, RANK, in), parameter("B", 0, out, RANK)),
              "y + 1.5 * linear(linear(x, A), B)");
      case RESIDUAL ->
          new Graft(
              site,
              List.of(parameter("D", 0, RANK, in), parameter("U", 0, out, RANK)),
              "y + linear(torch.tanh(linear(y, D)), U)");
      case KEYS, VALUES -> new Graft(site, List.of(parameter("l", 1, in, 1L, out)), "y * l");
      case EMBEDDING, NORM -> new Graft(site, List.of(parameter("l", 1, out)), "y * l");
      case LOGITS -> new Graft(site, List.of(parameter("C", 0, out, in)), "y + linear(x, C)");
    };
  }

  private static Parameter parameter(String symbol, float mean, Long... shape) {
    return new Parameter(
        symbol,
        symbol + ".weight",
        List.of(shape),
        (Philox random, float[] values) -> {
          random.addNormals(0, 0.2f, values, values.length);
          for (int i = 0; i < values.length; i++) {
            values[i] += mean;
          }
        });
  }
}
