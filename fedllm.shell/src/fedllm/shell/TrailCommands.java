package fedllm.shell;

import fedllm.api.error.Refused;
import fedllm.api.run.DeedView;
import fedllm.api.run.Federation;
import fedllm.api.run.PublishedView;
import fedllm.api.run.QuarantineView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What nodes are sent, who did what, and what did not count, as Gogo commands. */
@Component(
    service = TrailCommands.class,
    property = {
      "osgi.command.scope=fedllm",
      "osgi.command.function=publish",
      "osgi.command.function=withdraw",
      "osgi.command.function=audit",
      "osgi.command.function=quarantine"
    })
public final class TrailCommands {

  private final Console console;

  /** The commands of this node; only a server has a federation. */
  @Activate
  public TrailCommands(
      BundleContext context,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Federation federation) {
    this(context.getProperty("fedllm.role") + " " + context.getProperty("fedllm.name"), federation);
  }

  TrailCommands(String node, Federation federation) {
    this.console = new Console(node, federation);
  }

  /** Sends a bundle to all nodes; without one, shows what was sent, and who has it. */
  public String publish(CommandSession session, String... words) {
    Call call = Call.of(Command.PUBLISH, words);
    if (call.help()) {
      return call.command().help();
    }
    Federation federation = console.of(session);
    List<PublishedView> answer =
        call.values().isEmpty()
            ? federation.published()
            : List.of(publish(federation, Path.of(call.value())));
    return call.json() ? Json.text(answer) : TrailTables.published(answer);
  }

  private static PublishedView publish(Federation federation, Path jar) {
    Path signature = jar.resolveSibling(jar.getFileName() + ".sig");
    try {
      String line = Files.exists(signature) ? Files.readString(signature).strip() : "";
      return federation.publish(Files.readAllBytes(jar), line);
    } catch (IOException e) {
      throw new Refused("cannot read the bundle " + jar.toAbsolutePath() + ": " + e, e);
    }
  }

  /** Takes a published bundle back. */
  public String withdraw(CommandSession session, String... words) {
    Call call = Call.of(Command.WITHDRAW, words);
    if (call.help()) {
      return call.command().help();
    }
    List<PublishedView> answer =
        List.of(console.of(session).withdraw(call.values().get(0), call.values().get(1)));
    return call.json() ? Json.text(answer) : TrailTables.published(answer);
  }

  /** Lists who did what; of one run where it is named. */
  public String audit(CommandSession session, String... words) {
    Call call = Call.of(Command.AUDIT, words);
    if (call.help()) {
      return call.command().help();
    }
    Federation federation = console.of(session);
    List<DeedView> deeds = federation.audit();
    if (!call.values().isEmpty()) {
      String run = federation.run(call.value()).id();
      deeds = deeds.stream().filter(deed -> deed.run().equals(run)).toList();
    }
    return call.json() ? Json.text(deeds) : TrailTables.audit(deeds);
  }

  /** Lists what did not count; of one run where it is named. */
  public String quarantine(CommandSession session, String... words) {
    Call call = Call.of(Command.QUARANTINE, words);
    if (call.help()) {
      return call.command().help();
    }
    Federation federation = console.of(session);
    List<QuarantineView> list = federation.quarantine();
    if (!call.values().isEmpty()) {
      String run = federation.run(call.value()).id();
      list = list.stream().filter(q -> q.run().equals(run)).toList();
    }
    return call.json() ? Json.text(list) : TrailTables.quarantine(list);
  }
}
