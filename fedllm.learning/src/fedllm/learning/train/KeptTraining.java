package fedllm.learning.train;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Work;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A training whose optimizer goes on, round after round, with what it remembers, phase by phase.
 *
 * @param memories by the phase's name
 */
record KeptTraining(
    LocalTraining training, Phase.Change change, Map<String, List<float[]>> memories)
    implements GradientTraining, Stateful {

  KeptTraining(LocalTraining training) {
    this(training, Phase.Change.NONE, new TreeMap<>());
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
    Phase changed = change.of(mine, phase);
    return training.train(
        work,
        mine,
        changed,
        absolute,
        memories.getOrDefault(changed.name(), List.of()),
        steps -> memories.put(changed.name(), List.copyOf(steps.memory())));
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return training.view(work, global);
  }

  @Override
  public GradientTraining with(Phase.Change more) {
    return new KeptTraining(training, change.then(more), memories);
  }

  /** That of the only phase is written as it was when there were no others. */
  @Override
  public void snapshot(DataOutput out) throws IOException {
    if (memories.keySet().stream().allMatch(String::isEmpty)) {
      Floats.write(out, memories.getOrDefault("", List.of()));
      return;
    }
    out.writeInt(-memories.size());
    for (Map.Entry<String, List<float[]>> memory : memories.entrySet()) {
      out.writeUTF(memory.getKey());
      Floats.write(out, memory.getValue());
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    memories.clear();
    int count = in.readInt();
    if (count >= 0) {
      memories.put("", Floats.read(in, count));
    }
    for (int left = -count; left > 0; left--) {
      memories.put(in.readUTF(), Floats.read(in, in.readInt()));
    }
  }

  @Override
  public void close() {
    training.close();
  }
}
