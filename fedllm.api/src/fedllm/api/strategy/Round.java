package fedllm.api.strategy;

import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import java.util.List;

/**
 * A round as a strategy sees it.
 *
 * @param number 1 for the first
 * @param members who takes part, in client order; in pass 1 those that were asked
 * @param schema the global state's tensors
 * @param scope the run
 */
public record Round(int number, List<Member> members, Schema schema, Scope scope) {
  public Round {
    members = List.copyOf(members);
  }

  /** The examples of all members. */
  public long examples() {
    return members.stream().mapToLong(Member::examples).sum();
  }
}
