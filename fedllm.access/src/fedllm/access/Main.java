package fedllm.access;

import fedllm.api.transport.Right;
import fedllm.api.transport.Transport;
import fedllm.cli.Standalone;
import fedllm.cli.access.AclOptions;
import fedllm.transport.kafka.KafkaAccess;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program behind {@code fedllm acl}, whose arguments it takes. */
@Command(name = "acl")
public final class Main implements Callable<Integer> {

  @Mixin private AclOptions options;

  /** Runs the program. */
  public static void main(String[] args) {
    // Kafka's client tells at length what it retries.
    System.setProperty("org.slf4j.simpleLogger.log.org.apache.kafka", "off");
    Standalone.run(new Main(), args);
  }

  @Override
  public Integer call() throws IOException {
    List<Right> rights = options.rights();
    List<String> topics = options.topics();
    if (options.apply()) {
      apply(rights, topics);
    } else if (options.strimzi() != null) {
      System.out.print(new Strimzi(options.strimzi()).resources(rights, topics));
    } else {
      KafkaTools tools = new KafkaTools(options.bootstrap(), options.kafka());
      topics.forEach(topic -> System.out.println(tools.line(topic)));
      rights.forEach(right -> System.out.println(tools.line(right)));
    }
    return 0;
  }

  private void apply(List<Right> rights, List<String> topics) throws IOException {
    try (KafkaAccess access = new KafkaAccess(options.settings())) {
      access.allow(rights);
    }
    if (!topics.isEmpty()) {
      try (Transport transport = new KafkaTransportFactory().open(options.settings())) {
        topics.forEach(transport::create);
      }
    }
    rights.forEach(right -> System.out.println("allowed " + words(right)));
    topics.forEach(topic -> System.out.println("there is " + topic));
  }

  private static String words(Right right) {
    return "%s %s on %s %s%s"
        .formatted(
            right.principal(),
            String.join(",", right.operations().stream().map(Enum::name).sorted().toList()),
            right.on().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            right.name(),
            right.prefix() ? "*" : "");
  }
}
