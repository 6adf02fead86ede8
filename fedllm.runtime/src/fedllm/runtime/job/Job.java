package fedllm.runtime.job;

import fedllm.api.guard.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A job, read.
 *
 * @param source its name in messages
 * @param base the base model's name at every silo; empty where no model is needed
 * @param data the data set's name at every silo
 * @param templates the job's own, by name
 * @param trainer who learns
 * @param strategy who combines
 * @param optimizer who steps
 * @param protocol the course
 * @param planner who takes part
 * @param up codecs of updates, in order of encoding
 * @param down codecs of broadcasts
 * @param guards with their points
 * @param evaluators who measures
 * @param others plugins that the job names under their own kinds for the trainer, such as {@code
 *     peft}
 * @param seed of every random number
 */
public record Job(
    String source,
    String base,
    String data,
    Map<String, Object> templates,
    Spec trainer,
    Spec strategy,
    Spec optimizer,
    Spec protocol,
    Spec planner,
    List<Spec> up,
    List<Spec> down,
    List<Placed> guards,
    List<Spec> evaluators,
    Map<String, Spec> others,
    long seed) {

  /** A guard and where it stands. */
  public record Placed(Spec guard, Point at) {}

  /** Every plugin that the job names, wrapped ones apart. */
  public List<Spec> specs() {
    List<Spec> all = new ArrayList<>(List.of(trainer, strategy, optimizer, protocol, planner));
    all.addAll(up);
    all.addAll(down);
    guards.forEach(g -> all.add(g.guard()));
    all.addAll(evaluators);
    all.addAll(others.values());
    return all;
  }

  /** The guards at a point, in order. */
  public List<Spec> guards(Point at) {
    return guards.stream().filter(g -> g.at() == at).map(Placed::guard).toList();
  }
}
