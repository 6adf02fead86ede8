package fedllm.api.transport;

import java.util.Objects;
import java.util.Set;

/**
 * What a broker lets one principal do.
 *
 * @param principal as the broker names it, such as {@code User:bank}
 * @param on what
 * @param name of the one that is meant
 * @param prefix whether all are meant whose names start so
 * @param operations what may be done; to read and to write imply to see that it is there
 */
public record Right(
    String principal, Resource on, String name, boolean prefix, Set<Operation> operations) {

  /** What a broker keeps. */
  public enum Resource {
    TOPIC,
    GROUP,
    TRANSACTIONAL_ID
  }

  /** What can be done with it. */
  public enum Operation {
    READ,
    WRITE,
    CREATE,
    DELETE,
    DESCRIBE
  }

  public Right {
    Objects.requireNonNull(on);
    if (name.isEmpty() || name.equals("*") || principal.endsWith(":*")) {
      throw new IllegalArgumentException("a right of " + principal + " on " + name + " is for all");
    }
    operations = Set.copyOf(operations);
  }
}
