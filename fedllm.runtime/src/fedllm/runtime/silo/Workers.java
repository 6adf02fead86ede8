package fedllm.runtime.silo;

import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.guard.Guard;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.format.ModelFolder;
import fedllm.runtime.job.Job;
import fedllm.runtime.job.Spec;
import fedllm.runtime.plugin.Holdings;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.plugin.States;
import fedllm.runtime.wire.Chains;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.FrameEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The plugins at work for one run at one silo. Those that learn (they hold the model) and those
 * that carry (codecs, guards) are swapped apart, so that a new codec does not load a model again.
 * One thread.
 */
final class Workers implements AutoCloseable {

  private final Job job;
  private final SiloConfig config;
  private final Plugins plugins;
  private final Scope scope;
  private final States states;
  private Learning learning;
  private Carrying carrying;

  /** The round whose private state the workers are in; 0 for none, -1 where nobody knows. */
  private int stateOf;

  private int counted;
  private List<String> afresh = List.of();

  private static final class Learning {
    Holdings holdings;
    Map<String, String> versions;
    Training training;
    final Map<String, Evaluation> evaluations = new LinkedHashMap<>();

    void close() {
      evaluations.values().forEach(Evaluation::close);
      if (training != null) {
        training.close();
      }
      holdings.close();
    }
  }

  private static final class Carrying {
    Holdings holdings;
    Map<String, String> versions;
    Chains.Sending up;
    FrameDecoder down;
    final List<Watch> watches = new ArrayList<>();
  }

  Workers(String client, Job job, String run, SiloConfig config, Path state, Plugins plugins) {
    this.job = job;
    this.config = config;
    this.plugins = plugins;
    this.scope = new Scope(run, client, job.seed());
    this.states = new States(state);
  }

  /**
   * Makes them what an order needs.
   *
   * @param versions to use, by {@code kind/name}
   * @param goOnFrom the round whose private state to go on from
   */
  void prepare(Map<String, String> versions, int goOnFrom) {
    counted = goOnFrom;
    Map<String, Stateful> before = stateful();
    boolean swapped = false;
    if (learning == null || !agree(learning.versions, versions, learning.holdings)) {
      swapped = true;
      Map<String, byte[]> memory = States.snapshot(before);
      Learning fresh = learn(versions);
      if (learning != null) {
        learning.close();
      }
      learning = fresh;
      States.restore(stateful(), memory);
    }
    if (carrying == null || !agree(carrying.versions, versions, carrying.holdings)) {
      Map<String, byte[]> memory = States.snapshot(stateful());
      Carrying fresh = carry(versions);
      if (carrying != null) {
        carrying.holdings.close();
      }
      carrying = fresh;
      States.restore(stateful(), memory);
    }
    if (stateOf != counted) {
      if (!swapped && !stateful().isEmpty()) { // workers that are not fresh must forget
        closeAll();
        learning = learn(versions);
        carrying = carry(versions);
      }
      afresh = counted > 0 ? states.load(counted, stateful()) : List.of();
      stateOf = counted;
    }
  }

  /** Whether what is held is what is asked for; a plugin that nobody names may stay as it is. */
  private static boolean agree(
      Map<String, String> held, Map<String, String> asked, Holdings holdings) {
    return held.equals(asked)
        || holdings.used().stream()
            .allMatch(
                u ->
                    u.version().equals(asked.getOrDefault(u.kind() + "/" + u.name(), u.version())));
  }

  private Learning learn(Map<String, String> versions) {
    Learning fresh = new Learning();
    fresh.versions = versions;
    fresh.holdings = new Holdings(plugins, versions);
    try {
      Site site = new SiloSite(scope, job, config, plugins, fresh.holdings);
      for (Spec spec : job.evaluators()) {
        Choice<Evaluator> evaluator =
            fresh.holdings.choose(Evaluator.class, spec.name(), spec.options());
        fresh.evaluations.put(spec.name(), evaluator.plugin().open(evaluator.options(), site));
      }
      Choice<Trainer> trainer =
          fresh.holdings.choose(Trainer.class, job.trainer().name(), job.trainer().options());
      fresh.training = trainer.plugin().open(trainer.options(), site);
      return fresh;
    } catch (RuntimeException | Error e) {
      fresh.close();
      throw e;
    }
  }

  private Carrying carry(Map<String, String> versions) {
    Carrying fresh = new Carrying();
    fresh.versions = versions;
    fresh.holdings = new Holdings(plugins, versions);
    try {
      fresh.up = Chains.sending(fresh.holdings, job.up(), scope);
      fresh.down = Chains.receiving(fresh.holdings, job.down());
      for (Spec spec : job.guards(Point.SILO_OUT)) {
        Choice<Guard> guard = fresh.holdings.choose(Guard.class, spec.name(), spec.options());
        fresh.watches.add(guard.plugin().open(guard.options(), scope));
      }
      return fresh;
    } catch (RuntimeException | Error e) {
      fresh.holdings.close();
      throw e;
    }
  }

  private Map<String, Stateful> stateful() {
    Map<String, Stateful> all = new LinkedHashMap<>();
    if (learning != null && learning.training instanceof Stateful training) {
      all.put("trainer", training);
    }
    if (carrying != null) {
      all.putAll(carrying.up.stateful());
      for (int i = 0; i < carrying.watches.size(); i++) {
        if (carrying.watches.get(i) instanceof Stateful watch) {
          all.put("guard." + i, watch);
        }
      }
    }
    return all;
  }

  /** Training moves private state, and nobody knows how far if it is given up. */
  void begin() {
    stateOf = -1;
  }

  /** What encoding a round's update moves on. */
  Uploads.Memory memory(int round) {
    return new Uploads.Memory() {
      @Override
      public Map<String, byte[]> snapshot() {
        return States.snapshot(stateful());
      }

      @Override
      public void restore(Map<String, byte[]> snapshot) {
        States.restore(stateful(), snapshot);
      }

      @Override
      public void keep() {
        Map<String, Stateful> stateful = stateful();
        if (!stateful.isEmpty()) {
          states.save(round, counted, stateful);
        }
        stateOf = round;
        afresh = List.of();
      }
    };
  }

  /** Those whose private state was lost, in words; until there is state of a round again. */
  List<String> afresh() {
    return afresh.stream().map(this::inWords).toList();
  }

  private String inWords(String stateful) {
    int dot = stateful.indexOf('.');
    if (dot < 0) {
      return job.trainer().kind() + " " + job.trainer().name();
    }
    int i = Integer.parseInt(stateful.substring(dot + 1));
    Spec spec = stateful.startsWith("codec") ? job.up().get(i) : job.guards(Point.SILO_OUT).get(i);
    return spec.kind() + " " + spec.name();
  }

  Training training() {
    return learning.training;
  }

  /** The workers of one of a gateway's clients; closed when it has learned. */
  final class Client implements AutoCloseable {

    private final Training training;
    private final FrameEncoder up;
    private final List<Watch> watches = new ArrayList<>();

    private Client(Scope client, int number) {
      Choice<Trainer> trainer =
          learning.holdings.choose(Trainer.class, job.trainer().name(), job.trainer().options());
      Chains.Sending chain = Chains.sending(carrying.holdings, job.up(), client);
      up = chain.frames();
      chain.stateful().keySet().forEach(codec -> refuse(inWords(codec)));
      for (Spec spec : job.guards(Point.SILO_OUT)) {
        Choice<Guard> guard = carrying.holdings.choose(Guard.class, spec.name(), spec.options());
        watches.add(guard.plugin().open(guard.options(), client));
        if (watches.get(watches.size() - 1) instanceof Stateful) {
          refuse(spec.kind() + " " + spec.name());
        }
      }
      training =
          trainer
              .plugin()
              .open(
                  trainer.options(),
                  new SiloSite(client, job, config, plugins, learning.holdings, number));
      if (training instanceof Stateful) {
        training.close();
        refuse(job.trainer().kind() + " " + job.trainer().name());
      }
    }

    private void refuse(String stateful) {
      throw new SitsOut(
          "the clients of a gateway remember nothing from round to round, and "
              + stateful
              + " does; take another one");
    }

    Learned train(Work work, Tensors global) {
      return meant(training.train(work, global), work);
    }

    FrameEncoder up() {
      return up;
    }

    List<Watch> watches() {
      return watches;
    }

    @Override
    public void close() {
      training.close();
    }
  }

  /** Opens the workers of one of a gateway's clients, from 0 on. */
  Client client(String name, int number) {
    return new Client(new Scope(scope.run(), name, scope.seed()), number);
  }

  /** Whose they are. */
  Scope scope() {
    return scope;
  }

  FrameEncoder up() {
    return carrying.up.frames();
  }

  FrameDecoder down() {
    return carrying.down;
  }

  Map<String, Double> evaluate(Work work, Tensors broadcast) {
    Tensors global = learning.training.view(work, broadcast);
    Map<String, Double> metrics = new LinkedHashMap<>();
    Map<String, String> by = new HashMap<>();
    learning.evaluations.forEach(
        (name, evaluation) ->
            evaluation
                .evaluate(work, global)
                .forEach(
                    (metric, value) -> {
                      String other = by.put(metric, name);
                      if (other != null) {
                        throw new SitsOut(
                            "the evaluators "
                                + other
                                + " and "
                                + name
                                + " both report "
                                + metric
                                + "; name one of them");
                      }
                      metrics.put(metric, value);
                    }));
    return metrics;
  }

  /** Learns, and lets no update pass that is of another meaning than the order's. */
  Learned train(Work work, Tensors global) {
    return meant(learning.training.train(work, global), work);
  }

  private Learned meant(Learned learned, Work work) {
    if (learned.absolute() != work.absolute()) {
      throw new SitsOut(
          "trainer %s sends %s, and the job's strategy works on %s; choose another of the two"
              .formatted(
                  job.trainer().name(),
                  learned.absolute() ? "values" : "how far they moved",
                  work.absolute() ? "values" : "how far they moved"));
    }
    return learned;
  }

  /** The guards that stand where an update leaves the silo. */
  List<Watch> watches() {
    return carrying.watches;
  }

  /** The fingerprint of this silo's base; empty where the job has none. */
  String fingerprint() {
    return job.base().isEmpty() ? "" : ModelFolder.open(config.base(job.base())).fingerprint();
  }

  /** Refuses to work on another base than the run's. */
  void checkBase(String expected) {
    String here = fingerprint();
    if (!expected.isEmpty() && !expected.equals(here)) {
      throw new SitsOut(
          "its base "
              + job.base()
              + " is another model (fingerprint "
              + here.substring(0, 12)
              + ", the run's is "
              + expected.substring(0, 12)
              + "); install the same files");
    }
  }

  private void closeAll() {
    if (learning != null) {
      learning.close();
      learning = null;
    }
    if (carrying != null) {
      carrying.holdings.close();
      carrying = null;
    }
  }

  @Override
  public void close() {
    closeAll();
  }
}
