package fedllm.learning.train;

import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Work;
import java.util.List;

/** A training whose optimizer begins anew in each round. */
record PlainTraining(LocalTraining training, Phase.Change change) implements GradientTraining {

  PlainTraining(LocalTraining training) {
    this(training, Phase.Change.NONE);
  }

  @Override
  public Start initial() {
    return training.initial();
  }

  @Override
  public Learned train(Work work, Tensors global) {
    return train(work, global, Phase.WHOLE, work.absolute());
  }

  @Override
  public Learned train(Work work, Tensors from, Phase phase) {
    return train(work, from, phase, false);
  }

  private Learned train(Work work, Tensors from, Phase phase, boolean absolute) {
    Tensors mine = training.hold(work, from);
    return training.train(work, mine, change.of(mine, phase), absolute, List.of(), steps -> {});
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return training.view(work, global);
  }

  @Override
  public GradientTraining with(Phase.Change more) {
    return new PlainTraining(training, change.then(more));
  }

  @Override
  public void close() {
    training.close();
  }
}
