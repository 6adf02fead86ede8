package fedllm.trainers.fedbert;

import fedllm.api.error.SitsOut;
import java.util.Map;

/**
 * What a round is to one client, as the planner says.
 *
 * @param phase which part of a step
 * @param step which step of the run, from 0
 * @param client its own name
 * @param trunk whether it has the layers
 * @param fresh whether it starts from the state's adapter, and not from what it has
 */
record Turn(String phase, int step, String client, boolean trunk, boolean fresh) {

  static Turn of(Map<String, Object> settings) {
    if (settings.get("phase") instanceof String phase
        && settings.get("step") instanceof Number step
        && settings.get("client") instanceof String client
        && settings.get("trunk") instanceof Boolean trunk
        && settings.get("fresh") instanceof Boolean fresh) {
      return new Turn(phase, step.intValue(), client, trunk, fresh);
    }
    throw new SitsOut("the order names no phase of a step; take the planner fedbert");
  }
}
