package fedllm.trainers.fedkseed;

import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.peft.Replayed;
import fedllm.learning.seeds.Replay;
import fedllm.learning.train.LocalTraining;
import java.util.Arrays;

/** Training whose state is a sum for each direction, from which the adapter is made again. */
final class SeedTraining implements Training {

  private final LocalTraining local;
  private final FedKSeed.Walk walk;
  private final Replay replay;
  private final Start first;

  /** What was replayed last, and of which sums: measuring and training begin with the same. */
  private float[] sums = new float[0];

  private Tensors replayed;

  SeedTraining(LocalTraining local, FedKSeed.Walk walk, Replay replay) {
    this.local = local;
    this.walk = walk;
    this.replay = replay;
    this.first = local.initial();
  }

  @Override
  public Start initial() {
    Tensors none = walk.pool().update();
    return new Start(none, Replayed.files(first.files(), replay));
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    if (replayed == null || !Arrays.equals(sums, global.values(0))) {
      replayed = null; // not two of them in memory
      replayed = replay.of(first.tensors(), global.values(0), work.progress());
      sums = global.values(0).clone();
    }
    return replayed;
  }

  @Override
  public Learned train(Work work, Tensors global) {
    walk.pool(Pool.of(global));
    Learned learned = local.train(work, view(work, global));
    return new Learned(walk.pool().update(), learned.examples(), learned.metrics());
  }

  @Override
  public void close() {
    local.close();
  }
}
