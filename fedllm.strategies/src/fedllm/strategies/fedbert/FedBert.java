package fedllm.strategies.fedbert;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Gives one silo a model's layers, and all others embedding and head; a step is five rounds, and
 * after some steps one more averages what the clients have:
 *
 * <pre>
 * below    clients: embedding, forward                    sends the stream x
 * trunk    the silo of the layers: forward                sends the stream y
 * head     clients: loss, and its gradient for y          sends that gradient
 * layers   the silo of the layers: back, and its step     sends the gradient for x
 * back     clients: embedding, back, and their step       sends that it is done
 * share    all: what they have of the adapter
 * </pre>
 *
 * <p>After the paper, of which the abstract was read; the counts are options here.
 */
@Component
@Plugin(
    name = "fedbert",
    does = "splits each step over clients and the silo that has the layers",
    paper = "doi:10.1145/3510033",
    options = FedBert.Config.class,
    with = {"strategy/cuts", "trainer/fedbert"})
public final class FedBert implements Planner {

  /** Options. */
  public @interface Config {

    /** Who has the layers. */
    @Required
    String trunk() default "";

    /** Steps from one averaging of embeddings and heads to the next. */
    @Range(min = 1)
    int shareEvery() default 10;

    /** Whether all clients take each step together, or one after the other. */
    @OneOf({"parallel", "sequential"})
    String mode() default "parallel";
  }

  /** The rounds of a step, in order. */
  private static final List<String> PHASES = List.of("below", "trunk", "head", "layers", "back");

  private static final String SHARE = "share";

  @Override
  public Planning open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Turns(config.trunk(), config.shareEvery(), config.mode().equals("parallel"));
  }

  /**
   * What a round is.
   *
   * @param step of the run, from 0
   * @param inCycle the same since the last averaging
   */
  private record Place(String phase, int step, int inCycle) {}

  private record Turns(String trunk, int shareEvery, boolean parallel) implements Planning {

    private Place place(int round) {
      int cycle = PHASES.size() * shareEvery + 1;
      int cycles = (round - 1) / cycle;
      int within = (round - 1) % cycle;
      int inCycle = within / PHASES.size();
      String phase = within == cycle - 1 ? SHARE : PHASES.get(within % PHASES.size());
      return new Place(phase, cycles * shareEvery + inCycle, inCycle);
    }

    @Override
    public List<Assignment> plan(int round, List<String> present) {
      Place place = place(round);
      List<String> clients = present.stream().filter(client -> !client.equals(trunk)).toList();
      boolean layers = place.phase().equals("trunk") || place.phase().equals("layers");
      List<Assignment> assignments = new ArrayList<>();
      for (String client : present) {
        boolean isTrunk = client.equals(trunk);
        boolean measures = !isTrunk && place.phase().equals("below") && place.inCycle() == 0;
        boolean shares = place.phase().equals(SHARE);
        boolean trains = isTrunk ? layers || shares : !layers && hasTurn(place, clients, client);
        Set<Task> tasks = EnumSet.noneOf(Task.class);
        if (trains) {
          tasks.add(Task.TRAIN);
        }
        if (measures) {
          tasks.add(Task.EVALUATE);
        }
        if (!tasks.isEmpty()) {
          assignments.add(
              new Assignment(client, tasks, settings(place, client, isTrunk, clients.size())));
        }
      }
      return assignments;
    }

    /** Of those who take turns only who had one since the last averaging has something to share. */
    private boolean hasTurn(Place place, List<String> clients, String client) {
      boolean shares = place.phase().equals(SHARE);
      int first = shares ? place.step() - shareEvery : place.step();
      int turn = Math.floorMod(clients.indexOf(client) - first, clients.size());
      return parallel || turn < (shares ? shareEvery : 1);
    }

    private Map<String, Object> settings(Place place, String client, boolean isTrunk, int clients) {
      int first = isTrunk || parallel ? 1 : clients; // of a cycle's steps, for somebody
      boolean begins = place.phase().equals("below") || place.phase().equals("trunk");
      return Map.of(
          "phase",
          place.phase(),
          "step",
          place.step(),
          "client",
          client,
          "trunk",
          isTrunk,
          "fresh",
          begins && place.inCycle() < first);
    }

    @Override
    public boolean sends(int round, String module) {
      Place place = place(round);
      return switch (module) {
        case "fedllm.cut.lower" -> Set.of("trunk", "layers", "back").contains(place.phase());
        case "fedllm.cut.upper" -> Set.of("head", "layers").contains(place.phase());
        case "fedllm.cut.ends" -> false;
        default ->
            switch (place.phase()) {
              case "below" -> !parallel || place.inCycle() == 0;
              case "trunk" -> place.inCycle() == 0;
              default -> false;
            };
      };
    }

    @Override
    public Set<String> names() {
      return Set.of(trunk);
    }
  }
}
