package fedllm.api.strategy;

import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import java.util.List;

/**
 * A round as a strategy sees it.
 *
 * @param number 1 for the first
 * @param members those whose updates count, in client order
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
