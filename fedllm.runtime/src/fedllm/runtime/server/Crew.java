package fedllm.runtime.server;

import fedllm.api.error.Refused;
import fedllm.api.guard.Guard;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.RoundProtocol;
import fedllm.api.run.UsedPlugin;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.trainer.Work;
import fedllm.runtime.job.Job;
import fedllm.runtime.job.Spec;
import fedllm.runtime.plugin.Holdings;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.wire.Chains;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.FrameEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The plugins that work on the server for one run, all at the versions that were newest when the
 * crew was called together. It stays for whole rounds; a new crew takes over the old one's state at
 * a round's boundary. One thread.
 */
final class Crew implements AutoCloseable {

  private final Job job;
  private final Scope scope;
  private final Holdings holdings;
  private final Choice<AggregationStrategy> strategy;
  private final Course course;
  private final Planning planning;
  private final Descent descent;
  private final Chains.Sending down;
  private final List<Watch> aggregateWatches;
  private final List<Watch> broadcastWatches;
  private final int rounds;
  private final boolean absolute;

  /**
   * Calls the crew together.
   *
   * @param versions to take, by {@code kind/name}; the newest of those not named
   * @throws fedllm.runtime.plugin.MissingPlugin when nobody provides one of them here
   */
  Crew(Job job, Scope scope, Plugins plugins, Map<String, String> versions) {
    this.job = job;
    this.scope = scope;
    this.holdings = new Holdings(plugins, versions);
    try {
      strategy = choose(AggregationStrategy.class, job.strategy());
      absolute = holdings.is(AggregationStrategy.class, job.strategy().name(), Trait.ABSOLUTE);
      Choice<ServerOptimizer> optimizer = choose(ServerOptimizer.class, job.optimizer());
      descent = at(job.optimizer(), () -> optimizer.plugin().open(optimizer.options(), scope));
      Choice<Planner> planner = choose(Planner.class, job.planner());
      planning = at(job.planner(), () -> planner.plugin().open(planner.options(), scope));
      Choice<RoundProtocol> protocol = choose(RoundProtocol.class, job.protocol());
      course = at(job.protocol(), () -> protocol.plugin().open(protocol.options(), scope));
      rounds = protocol.plugin().rounds(protocol.options());
      down = Chains.sending(holdings, job.down(), scope);
      Chains.receiving(holdings, job.up()); // held from now on, and refused now if it cannot be
      for (Spec guard : job.guards(Point.SILO_OUT)) {
        choose(Guard.class, guard);
      }
      aggregateWatches = watches(Point.AGGREGATE);
      broadcastWatches = watches(Point.BROADCAST);
    } catch (RuntimeException | Error e) {
      holdings.close();
      throw e;
    }
  }

  /** What a plugin refuses, it refuses at its line of the job. */
  private <T> T at(Spec spec, Supplier<T> opening) {
    try {
      return opening.get();
    } catch (Refused e) {
      throw new Refused(job.source() + ":" + spec.line() + ": " + e.getMessage(), e);
    } catch (LinkageError e) {
      throw new Refused(
          "%s:%d: %s %s cannot run here: %s; replace its bundle"
              .formatted(job.source(), spec.line(), spec.kind(), spec.name(), e),
          e);
    }
  }

  private <K> Choice<K> choose(Class<K> contract, Spec spec) {
    return holdings.choose(contract, spec.name(), spec.options());
  }

  /** New watches at a point. */
  List<Watch> watches(Point at) {
    List<Watch> watches = new ArrayList<>();
    for (Spec spec : job.guards(at)) {
      Choice<Guard> guard = choose(Guard.class, spec);
      watches.add(guard.plugin().open(guard.options(), scope));
    }
    return watches;
  }

  /** The strategy and its options. */
  Choice<AggregationStrategy> strategy() {
    return strategy;
  }

  /** What a client is given: the planner's settings, and what the strategy wants to be sent. */
  Map<String, Object> settings(Assignment assignment) {
    if (!absolute) {
      return assignment.settings();
    }
    Map<String, Object> settings = new LinkedHashMap<>(assignment.settings());
    settings.put(Work.PAYLOAD, Work.VALUES);
    return settings;
  }

  Course course() {
    return course;
  }

  Planning planning() {
    return planning;
  }

  Descent descent() {
    return descent;
  }

  FrameEncoder down() {
    return down.frames();
  }

  /** A new opening of the chain that updates come through. */
  FrameDecoder up() {
    return Chains.receiving(holdings, job.up());
  }

  List<Watch> aggregateWatches() {
    return aggregateWatches;
  }

  List<Watch> broadcastWatches() {
    return broadcastWatches;
  }

  /** How many rounds the protocol plans; 0 where it does not know. */
  int rounds() {
    return rounds;
  }

  /** What is held, with versions. */
  List<UsedPlugin> used() {
    return holdings.used();
  }

  /** Whoever remembers, by place. */
  Map<String, Stateful> stateful() {
    Map<String, Stateful> all = new LinkedHashMap<>();
    if (descent instanceof Stateful d) {
      all.put("optimizer", d);
    }
    if (course instanceof Stateful c) {
      all.put("protocol", c);
    }
    if (planning instanceof Stateful p) {
      all.put("planner", p);
    }
    all.putAll(down.stateful());
    return all;
  }

  @Override
  public void close() {
    holdings.close();
  }
}
