package fedllm.transport.kafka;

import fedllm.api.transport.Right;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Lets an operator say who may do what at a cluster. */
public final class KafkaAccess implements AutoCloseable {

  private final Admin admin;
  private final Failures failures;

  /** Speaks to the cluster as somebody who may alter it. */
  public KafkaAccess(Map<String, String> given) {
    Settings settings = new Settings(given);
    failures = new Failures(settings.bootstrap(), settings.credentials());
    admin = settings.made(Admin.class, () -> Admin.create(settings.admin()));
  }

  /** The settings that the platform makes a topic with, for who makes one by other means. */
  public static Map<String, String> topic() {
    return Settings.topic();
  }

  /** How many partitions a topic has. */
  public static int partitions() {
    return Settings.PARTITIONS;
  }

  /** Allows all of it; what is allowed already stays so. */
  public void allow(Collection<Right> rights) {
    try {
      admin.createAcls(bindings(rights)).all().get();
    } catch (ExecutionException | InterruptedException e) {
      throw failures.of("alter the access rights of the cluster", e);
    }
  }

  private static List<AclBinding> bindings(Collection<Right> rights) {
    List<AclBinding> bindings = new ArrayList<>();
    for (Right right : rights) {
      ResourcePattern on =
          new ResourcePattern(
              ResourceType.fromString(right.on().name()),
              right.name(),
              right.prefix() ? PatternType.PREFIXED : PatternType.LITERAL);
      for (Right.Operation operation : right.operations()) {
        bindings.add(
            new AclBinding(
                on,
                new AccessControlEntry(
                    right.principal(),
                    "*",
                    AclOperation.fromString(operation.name()),
                    AclPermissionType.ALLOW)));
      }
    }
    return bindings;
  }

  @Override
  public void close() {
    admin.close();
  }
}
