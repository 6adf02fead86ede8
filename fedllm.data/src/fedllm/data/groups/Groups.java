package fedllm.data.groups;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.random.Philox;
import fedllm.data.cut.Dealing;
import fedllm.data.cut.Field;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps together what has one value of a field, such as an author, and deals these groups out as
 * they first appear: as many parts as groups get one each.
 */
@Component
@Plugin(
    name = "groups",
    does = "cuts a file by a field's natural groups, each whole in one part",
    paper = "arXiv:1812.01097",
    options = Groups.Config.class)
public final class Groups implements Partitioner {

  /** What makes a group. */
  public @interface Config {
    /** The field. */
    @Required
    String by() default "";
  }

  /** Groups that may be in memory, by their values: some hundred bytes each. */
  static final int MAX = 1_000_000;

  @Override
  public Partition open(Options options, int parts, long seed) {
    Field field = new Field(options.as(Config.class).by());
    Dealing dealing = new Dealing(parts, Philox.of(seed, 0, "", 0, "groups"));
    Map<String, Integer> known = new HashMap<>();
    return (number, row) -> {
      String group = field.of(row);
      Integer part = known.get(group);
      if (part == null) {
        if (known.size() == MAX) {
          throw field.tooMany(MAX);
        }
        part = dealing.part(known.size());
        known.put(group, part);
      }
      return part;
    };
  }
}
