package fedllm.api.strategy;

import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import java.util.Collections;
import java.util.List;

/**
 * A round as a strategy sees it.
 *
 * @param number 1 for the first
 * @param members those whose updates count, in client order
 * @param updates what each of them sent
 * @param schema the global state's tensors
 * @param scope the run
 */
public record Round(
    int number, List<Member> members, List<Schema> updates, Schema schema, Scope scope) {
  public Round {
    members = List.copyOf(members);
    updates = List.copyOf(updates);
    if (members.size() != updates.size()) {
      throw new IllegalArgumentException(updates.size() + " updates of " + members.size());
    }
  }

  /** Of members that sent tensors like the global state's. */
  public Round(int number, List<Member> members, Schema schema, Scope scope) {
    this(number, members, Collections.nCopies(members.size(), schema), schema, scope);
  }

  /** The examples of all members. */
  public long examples() {
    return members.stream().mapToLong(Member::examples).sum();
  }
}
