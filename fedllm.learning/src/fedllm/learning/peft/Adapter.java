package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.learning.model.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a method adds to a model.
 *
 * @param common what is trained and used at several sites; its names in files are whole
 * @param grafts at most one for each site
 * @param places how many places it puts before each text; there {@code ids} are -1, -2, ... and an
 *     equation at the embedding, or at keys and values, says by {@code here} what stands there
 * @param files small text files that other tools read beside the values, such as {@code
 *     adapter_config.json}
 * @param then further adapters; at one site each takes what those before it left there
 */
public record Adapter(
    List<Parameter> common,
    List<Graft> grafts,
    int places,
    Map<String, String> files,
    List<Adapter> then) {

  /** Nothing: the base alone. */
  public static final Adapter NONE = new Adapter(List.of(), Map.of());

  /** What files of adapters put before a module's name. */
  public static final String PREFIX = "base_model.model";

  public Adapter {
    common = List.copyOf(common);
    grafts = List.copyOf(grafts);
    files = Map.copyOf(files);
    then = List.copyOf(then);
  }

  /** One method's adapter. */
  public Adapter(
      List<Parameter> common, List<Graft> grafts, int places, Map<String, String> files) {
    this(common, grafts, places, files, List.of());
  }

  /** What stands at sites alone. */
  public Adapter(List<Graft> grafts, Map<String, String> files) {
    this(List.of(), grafts, 0, files);
  }

  /**
   * Refuses places that leave no room for a text.
   *
   * @throws SitsOut which names the option
   */
  public static void checkRoom(int tokens, Architecture model) {
    if (tokens >= model.context()) {
      throw new SitsOut(
          "peft.tokens is "
              + tokens
              + ", but the base reads at most "
              + model.context()
              + " tokens, the text among them");
    }
  }

  /** This one and those after it, in their order. */
  public List<Adapter> all() {
    List<Adapter> all = new ArrayList<>(List.of(this));
    then.forEach(adapter -> all.addAll(adapter.all()));
    return all;
  }

  /** How many places all of them put before each text. */
  public int allPlaces() {
    return all().stream().mapToInt(Adapter::places).sum();
  }

  /** What is trained, as files name it: of each adapter first what is common, then site by site. */
  public Schema schema() {
    List<Tensor> tensors = new ArrayList<>();
    for (Adapter adapter : all()) {
      adapter.common.forEach(p -> tensors.add(new Tensor("", p.name(), p.shape())));
      for (Graft graft : adapter.grafts) {
        String module = PREFIX + "." + graft.at().name();
        graft.parameters().forEach(p -> tensors.add(new Tensor(module, p.name(), p.shape())));
      }
    }
    return new Schema(tensors);
  }

  /** Everything that is trained, in the schema's order. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    for (Adapter adapter : all()) {
      parameters.addAll(adapter.common);
      adapter.grafts.forEach(graft -> parameters.addAll(graft.parameters()));
    }
    return parameters;
  }

  /** The same with other parameters; the function sees each once, in the schema's order. */
  public Adapter with(UnaryOperator<Parameter> change) {
    List<Graft> changed = new ArrayList<>();
    List<Parameter> shared = common.stream().map(change).toList();
    for (Graft graft : grafts) {
      List<Parameter> own = graft.parameters().stream().map(change).toList();
      changed.add(new Graft(graft.at(), own, graft.equation(), graft.merged()));
    }
    List<Adapter> others = then.stream().map(adapter -> adapter.with(change)).toList();
    return new Adapter(shared, changed, places, files, others);
  }
}
