package fedllm.trainers.heads;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import fedllm.learning.train.PrivateTensors;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One client's training whose head never leaves it: neither state nor updates have its tensors. It
 * begins as everybody's does. One thread.
 */
public final class Headed implements Training, Stateful {

  private final GradientTraining training;
  private final Head head;
  private final List<Phase> phases;
  private final Start first;
  private final PrivateTensors own;

  /**
   * Around a training.
   *
   * @param phases of each round, one after the other; names of all but the last stand before their
   *     metrics
   */
  public Headed(GradientTraining training, Head head, List<Phase> phases) {
    this.training = training;
    this.head = head;
    this.phases = phases;
    try {
      first = training.initial();
      head.check(first.tensors().schema());
    } catch (RuntimeException | Error e) {
      training.close();
      throw e;
    }
    own = new PrivateTensors(training);
  }

  @Override
  public Start initial() {
    return new Start(body(first.tensors()), first.files());
  }

  private Tensors body(Tensors all) {
    return all.only(tensor -> !head.has(tensor));
  }

  private Tensors whole(Tensors body) {
    Tensors mine = own.values().orElseGet(() -> first.tensors().only(head::has));
    return Tensors.of(first.tensors().schema(), body, mine);
  }

  @Override
  public Learned train(Work work, Tensors body) {
    Tensors from = whole(body);
    Tensors moved = new Tensors(from.schema());
    Map<String, Double> metrics = new TreeMap<>();
    long examples = 0;
    for (int i = 0; i < phases.size(); i++) {
      String before = i + 1 < phases.size() ? phases.get(i).name() + "." : "";
      Learned learned = training.train(work, from, phases.get(i));
      from = GradientTraining.end(from, learned);
      moved.plus(learned.update());
      examples = Math.max(examples, learned.examples());
      learned.metrics().forEach((name, value) -> metrics.put(before + name, value));
    }
    own.keep(from.only(head::has));
    return new Learned(body(moved), examples, metrics);
  }

  /** The body with this client's head. */
  @Override
  public Tensors view(Work work, Tensors body) {
    return training.view(work, whole(body));
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    own.snapshot(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    own.restore(in);
  }

  @Override
  public void close() {
    training.close();
  }
}
