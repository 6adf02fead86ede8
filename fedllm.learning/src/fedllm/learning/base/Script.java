package fedllm.learning.base;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The TorchScript of a model with adapters. Weights are the list {@code w}, what is trained is
 * {@code p}, a batch is {@code b}: ids, segments, types, place of the first token. Its methods:
 *
 * <pre>
 * frame(b) -> f                      embed(f, w, p) -> x         layer_I(x, f, kv, w, p) -> x
 * last(x, f, w, p) -> h                logits(x, f, w, p) -> z     hidden(f, kv, w, p) -> h
 * </pre>
 *
 * and each but the first once more as {@code bare_..}, the base without adapters; {@code
 * operand(x)} is x as products read it.
 */
public final class Script {

  /** What files of adapters put before a module's name. */
  public static final String PREFIX = Adapter.PREFIX;

  /** Where in a model: the embedding. */
  public static final int EMBED = -1;

  private static final String OPERAND =
      """
        def operand(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.to(x, DTYPE)
      """;

  private final Architecture architecture;
  private final Precision precision;
  private final HeldWeights frozen;
  private final Map<String, Site> sites = new LinkedHashMap<>();
  private final Map<String, List<Equations.Placed>> grafts = new HashMap<>();
  private final Map<Integer, NavigableSet<Integer>> uses = new TreeMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Tensor> trained = new ArrayList<>();
  private final StringBuilder grafted = new StringBuilder();
  private final StringBuilder text = new StringBuilder();
  private int places;
  private boolean graftsLogits;
  private final boolean taped;

  /**
   * A model's script.
   *
   * @param held where in w each weight lies
   * @param taped whether products with what is trained can be written down
   */
  Script(
      Architecture architecture,
      Precision precision,
      Map<String, List<Integer>> held,
      List<Adapter> adapters,
      boolean taped) {
    this.architecture = architecture;
    this.taped = taped;
    this.precision = precision;
    this.frozen = new HeldWeights(architecture, precision, held);
    architecture.sites().forEach(site -> sites.put(site.name(), site));
    adapters.forEach(this::place);
    if (taped) {
      text.append(Tape.method(parameters.size()));
    }
    text.append(architecture.methods()).append(precision.storage().methods());
    text.append(OPERAND.replace("DTYPE", Integer.toString(precision.route().dtype())));
    text.append(Frames.method(architecture));
    if (precision.route().singles()) {
      text.append(precision.route().method());
    }
    write("", true);
    if (!adapters.isEmpty()) {
      write("bare_", false);
    }
    text.append(grafted);
  }

  /** A model alone, in 32-bit floats; w holds its weights in the architecture's order. */
  public static Script of(Architecture architecture) {
    Map<String, List<Integer>> held = new HashMap<>();
    architecture.weights().forEach(weight -> held.put(weight.name(), List.of(held.size())));
    return new Script(architecture, Precision.FP32, held, List.of(), false);
  }

  /** All of it. */
  public String text() {
    return text.toString();
  }

  /** What is trained, in the order of p. */
  public Schema schema() {
    return new Schema(trained);
  }

  /** What is trained, in the order of p. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /** The model. */
  public Architecture architecture() {
    return architecture;
  }

  /** The products it computes with. */
  public Precision precision() {
    return precision;
  }

  /**
   * Which of p a part of the model reads, in their order.
   *
   * @param layer {@link #EMBED}, a layer, or {@link Architecture#layers} for what comes after them
   */
  public List<Integer> uses(int layer) {
    return List.copyOf(uses.getOrDefault(layer, new TreeSet<>()));
  }

  /**
   * The lowest part that is trained, as {@link #uses} numbers them; below it nothing needs a way
   * back.
   */
  public int lowestTrained() {
    int layers = architecture.layers();
    for (int part = EMBED; part < layers; part++) {
      if (!uses(part).isEmpty()) {
        return part;
      }
    }
    return layers;
  }

  /** Whether a method stands at the logits, or at anything else between them and what is read. */
  public boolean graftsLogits() {
    return graftsLogits;
  }

  /**
   * Whether all that is trained are matrices of products on the way to what the head reads, so that
   * a tape has all there is to know of their gradients.
   */
  public boolean multiplies() {
    return taped
        && !graftsLogits
        && grafts.values().stream().flatMap(List::stream).allMatch(Equations::multiplies);
  }

  /** The bias of the head, {@code + w[i]}; empty where it has none. */
  String headBias() {
    return sites.values().stream()
        .filter(site -> site.kind() == Site.Kind.LOGITS)
        .map(site -> site.name() + ".bias")
        .filter(frozen::has)
        .map(bias -> " + " + frozen.held(bias).get(0))
        .findFirst()
        .orElse("");
  }

  /** The expression of a matrix in the route's own type. */
  public String matrix(String name) {
    return frozen.matrix(name);
  }

  private void place(Adapter adapter) {
    int firstCommon = parameters.size();
    adapter.common().forEach(parameter -> add("", parameter));
    for (Graft graft : adapter.grafts()) {
      Site site = graft.at();
      if (!site.equals(sites.get(site.name()))) {
        throw new IllegalArgumentException("the model has no site " + site);
      }
      grafts
          .computeIfAbsent(site.name(), name -> new ArrayList<>())
          .add(new Equations.Placed(graft, parameters.size(), adapter, firstCommon, places));
      graft.parameters().forEach(parameter -> add(PREFIX + "." + site.name(), parameter));
    }
    places += adapter.places();
  }

  private void add(String module, Parameter parameter) {
    parameters.add(parameter);
    trained.add(new Tensor(module, parameter.name(), parameter.shape()));
  }

  /** The methods of the model; {@code prefix} tells the bare ones apart. */
  private void write(String prefix, boolean withGrafts) {
    int layers = architecture.layers();
    method(prefix + "embed", "f: List[Tensor], ");
    text.append(architecture.embed(new Places(withGrafts, EMBED)));
    for (int layer = 0; layer < layers; layer++) {
      method(prefix + "layer_" + layer, "x: Tensor, f: List[Tensor], kv: List[Tensor], ");
      text.append(architecture.layer(layer, new Places(withGrafts, layer)));
    }
    method(prefix + "last", "x: Tensor, f: List[Tensor], ");
    text.append(architecture.last(new Places(withGrafts, layers)));
    method(prefix + "logits", "x: Tensor, f: List[Tensor], ");
    Places head = new Places(withGrafts, layers);
    text.append(architecture.logits(head));
    graftsLogits |= head.touched;
    method(prefix + "hidden", "f: List[Tensor], kv: List[Tensor], ");
    text.append("    x = (self).").append(prefix).append("embed(f, w, p)\n");
    for (int layer = 0; layer < layers; layer++) {
      text.append("    x = (self).").append(prefix).append("layer_").append(layer);
      text.append("(x, f, kv, w, p)\n");
    }
    text.append("    return (self).").append(prefix).append("last(x, f, w, p)\n");
  }

  private void method(String name, String arguments) {
    text.append("  def ").append(name).append("(self: __torch__.K, ").append(arguments);
    text.append("w: List[Tensor], p: List[Tensor]) -> Tensor:\n");
  }

  /** Names of weights and sites as expressions, in one part of the model. */
  private final class Places implements Sites {
    private final boolean withGrafts;
    private final int part;
    private boolean touched;

    Places(boolean withGrafts, int part) {
      this.withGrafts = withGrafts;
      this.part = part;
    }

    @Override
    public String weight(String name) {
      return frozen.floats(name);
    }

    @Override
    public String linear(String site, String x) {
      return apply(site, x, layer(site, x));
    }

    @Override
    public String narrow(String site, String x) {
      return apply(site, x, frozen.narrow(site + ".weight", site + ".bias", x));
    }

    @Override
    public String project(String table, String site, String x) {
      return apply(site, x, frozen.product(table, site + ".bias", x));
    }

    @Override
    public String embedding(String site, String ids) {
      List<String> table = frozen.held(site + ".weight");
      String y =
          "torch.to(torch.embedding(" + table.get(0) + ", torch.clamp_min(" + ids + ", 0)), 6)";
      return apply(site, ids, y);
    }

    @Override
    public String at(String site, String x, String y) {
      boolean here = withGrafts && grafts.containsKey(site);
      return here ? apply(site, floats(x), floats(y)) : y;
    }

    private String floats(String x) {
      return precision.route().dtype() == 6 ? x : "torch.to(" + x + ", 6)";
    }

    private String apply(String site, String x, String y) {
      List<Equations.Placed> here = withGrafts ? grafts.get(site) : null;
      if (here == null) {
        return y;
      }
      touched = true;
      for (Equations.Placed placed : here) {
        NavigableSet<Integer> used = uses.computeIfAbsent(part, at -> new TreeSet<>());
        for (int i = 0; i < placed.graft().parameters().size(); i++) {
          used.add(placed.first() + i);
        }
        for (int i = 0; i < placed.adapter().common().size(); i++) {
          used.add(placed.firstCommon() + i);
        }
      }
      String method = Equations.name(site);
      if (grafted.indexOf("def " + method + "(") < 0) {
        grafted.append(equations(site, here));
      }
      boolean linear = sites.get(site).kind() == Site.Kind.LINEAR;
      return "(self)." + method + "(f[0], w, p, " + x + (linear ? ")" : ", " + y + ")");
    }
  }

  private String layer(String site, String x) {
    return frozen.product(site + ".weight", site + ".bias", x);
  }

  private String equations(String name, List<Equations.Placed> here) {
    return sites.get(name).kind() == Site.Kind.LINEAR
        ? Equations.of(name, layer(name, "x"), frozen.matrix(name + ".weight", 6), here, taped)
        : Equations.of(name, here, taped);
  }
}
