package fedllm.trainers.ditto;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.train.Correction;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import fedllm.learning.train.PrivateTensors;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** One client's training, and its personal v: the global state until it has taken part. */
final class Personal implements Training, Stateful {

  private static final Phase PERSONAL = Phase.called("personal");

  private final GradientTraining training;
  private final double lambda;
  private final PrivateTensors v;

  Personal(GradientTraining training, double lambda) {
    this.training = training;
    this.lambda = lambda;
    v = new PrivateTensors(training);
  }

  @Override
  public Start initial() {
    return training.initial();
  }

  @Override
  public Learned train(Work work, Tensors w) {
    Learned shared = training.train(work, w);
    Tensors from = v.values().orElse(w);
    Learned mine = training.train(work, from, PERSONAL.with(Correction.towards(w, lambda)));
    v.keep(GradientTraining.end(from, mine));
    Map<String, Double> metrics = new TreeMap<>(shared.metrics());
    mine.metrics().forEach((name, value) -> metrics.put(PERSONAL.name() + "." + name, value));
    return new Learned(shared.update(), shared.examples(), metrics, shared.absolute());
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return training.view(work, v.values().orElse(global));
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    v.snapshot(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    v.restore(in);
  }

  @Override
  public void close() {
    training.close();
  }
}
