package fedllm.shell;

import fedllm.api.error.Refused;
import fedllm.api.run.BundleView;
import fedllm.api.run.Bundles;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What people ask of any node, server or silo, as Gogo commands. Safe for many threads. */
@Component(
    service = NodeCommands.class,
    property = {"osgi.command.scope=fedllm", "osgi.command.function=plugins"})
public final class NodeCommands {

  private final Bundles bundles;

  /** The commands of this node. */
  @Activate
  public NodeCommands(
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Bundles bundles) {
    this.bundles = bundles;
  }

  /** Lists what lies in the plugins folder, and why something is refused. */
  public String plugins(String... words) {
    Call call = Call.of(Command.PLUGINS, words);
    if (call.help()) {
      return call.command().help();
    }
    if (bundles == null) {
      throw new Refused("this node has not started yet; its log says why if it stays so");
    }
    List<BundleView> all = bundles.bundles();
    return call.json() ? Json.text(all) : Tables.bundles(all);
  }
}
