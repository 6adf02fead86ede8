package fedllm.runtime;

import fedllm.api.error.SitsOut;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * Plugins for tests whose updates are of other shapes than the state: each client sends as many
 * rows of one module as its name is long, they are stacked, and the stack is the module from then
 * on. In even rounds nothing but the module {@code m.1} travels to the silos.
 */
final class Stacks {

  static final String MODULE = "m.1";

  private static final long WIDTH = 4;
  private static final Tensor STILL = new Tensor("m.0", "A", List.of(300_000L));
  private static final Tensor NOTE = new Tensor("fedllm.note", "n", List.of(2L));

  private Stacks() {}

  static Tensor rows(long count) {
    return new Tensor(MODULE, "A", List.of(count, WIDTH));
  }

  @Plugin(name = "lengths", does = "Gives each client as many rows as its name is long.")
  static final class Lengths implements Planner {
    @Override
    public Planning open(Options options, Scope scope) {
      return new Planning() {
        @Override
        public List<Assignment> plan(int round, List<String> present) {
          return present.stream()
              .map(
                  client ->
                      new Assignment(
                          client, EnumSet.allOf(Task.class), Map.of("rank", client.length())))
              .map(
                  a ->
                      new Assignment(
                          a.client(), EnumSet.of(Task.TRAIN, Task.EVALUATE), a.settings()))
              .toList();
        }

        @Override
        public boolean sends(int round, String module) {
          return round % 2 == 1 || module.equals(MODULE);
        }
      };
    }
  }

  @Plugin(name = "rows", does = "Sends rows of its name's length.")
  static final class Rows implements Trainer {
    @Override
    public Training open(Options options, Site site) {
      String client = site.scope().client();
      return new Training() {
        @Override
        public Start initial() {
          return new Start(
              new Tensors(new Schema(List.of(STILL, rows(1), NOTE))),
              Map.of("adapter_config.json", "{}"));
        }

        @Override
        public Learned train(Work work, Tensors global) {
          if (work.round() % 2 == 0 && global.schema().tensors().size() != 1) {
            throw new SitsOut("more than the module came: " + global.schema());
          }
          long count = (Integer) work.settings().get("rank");
          Tensors update =
              new Tensors(new Schema(List.of(rows(client.startsWith("bad") ? count + 1 : count))));
          Arrays.fill(update.values(0), client.length() + 10 * work.round());
          return new Learned(update, client.length(), Map.of(), work.absolute());
        }

        @Override
        public Tensors view(Work work, Tensors global) {
          Tensors own = new Tensors(new Schema(List.of(rows(1))));
          Arrays.fill(own.values(0), client.length());
          return own;
        }
      };
    }
  }

  @Plugin(
      name = "stack",
      does = "Stacks the members' rows.",
      with = "trainer/rows",
      is = Trait.ABSOLUTE)
  static final class Stack implements AggregationStrategy {
    @Override
    public Units units() {
      return Units.MODULES;
    }

    @Override
    public Schema update(Options options, Schema global, Map<String, Object> settings) {
      return new Schema(List.of(rows((Integer) settings.get("rank"))));
    }

    @Override
    public Schema combined(Options options, Round round) {
      return new Schema(
          List.of(
              rows(
                  round.updates().stream()
                      .mapToLong(u -> u.tensors().get(0).shape().get(0))
                      .sum())));
    }

    @Override
    public Aggregation open(Options options, Round round) {
      return (unit, parts, out) -> {
        float[] all = new float[unit.length()];
        int at = 0;
        for (Part part : parts) {
          int length = Math.toIntExact(part.tensors().get(0).size());
          System.arraycopy(part.values(), 0, all, at, length);
          at += length;
        }
        out.add(1, all);
      };
    }
  }
}
