package fedllm.learning.peft;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

  /** This one and those after it, in their order. */
  public List<Adapter> all() {
    List<Adapter> all = new ArrayList<>(List.of(this));
    then.forEach(adapter -> all.addAll(adapter.all()));
    return all;
  }
}
