package fedllm.runtime.message;

import static fedllm.api.transport.Right.Operation.CREATE;
import static fedllm.api.transport.Right.Operation.DELETE;
import static fedllm.api.transport.Right.Operation.DESCRIBE;
import static fedllm.api.transport.Right.Operation.READ;
import static fedllm.api.transport.Right.Operation.WRITE;
import static fedllm.api.transport.Right.Resource.GROUP;
import static fedllm.api.transport.Right.Resource.TOPIC;
import static fedllm.api.transport.Right.Resource.TRANSACTIONAL_ID;

import fedllm.api.transport.Right;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What each role needs of a federation's topics, and nothing more: the one table. */
public final class Rights {

  private Rights() {}

  /** A server writes what all read, reads everything, and keeps house below its own prefix. */
  public static List<Right> server(Topics topics, String principal) {
    List<Right> rights = new ArrayList<>();
    for (String topic : topics.ofTheServer()) {
      rights.add(new Right(principal, TOPIC, topic, false, Set.of(WRITE)));
    }
    String prefix = topics.prefix();
    rights.add(new Right(principal, TOPIC, prefix, true, Set.of(READ, CREATE, DELETE)));
    rights.add(new Right(principal, GROUP, prefix, true, Set.of(READ)));
    rights.add(new Right(principal, TRANSACTIONAL_ID, prefix, true, Set.of(WRITE, DESCRIBE)));
    return rights;
  }

  /** A silo writes its own topic, reads it back, and reads what the server writes for it. */
  public static List<Right> silo(Topics topics, String name, String principal) {
    Topics.checkName("the silo", name);
    List<Right> rights = new ArrayList<>();
    rights.add(new Right(principal, TOPIC, topics.silo(name), false, Set.of(WRITE, READ)));
    for (String topic : topics.forSilos()) {
      rights.add(new Right(principal, TOPIC, topic, false, Set.of(READ)));
    }
    return rights;
  }
}
