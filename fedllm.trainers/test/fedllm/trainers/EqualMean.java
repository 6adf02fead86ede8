package fedllm.trainers;

import fedllm.api.optimizer.Descent;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rounds of FedAvg with equal weights and a server optimizer, without a runtime. */
public record EqualMean(Descent descent) {

  /** The next global state. */
  public Tensors round(int number, Tensors global, Map<String, Training> clients) {
    List<Member> members = new ArrayList<>();
    List<Tensors> updates = new ArrayList<>();
    clients.forEach(
        (name, client) -> {
          Work work = new Work(number, Map.of(), SmallClient.QUIET);
          Learned learned = client.train(work, global);
          members.add(new Member(name, learned.examples()));
          updates.add(learned.update());
        });
    Round round = new Round(number, members, global.schema(), Bowls.site("server").scope());
    Aggregation mean =
        new FedAvg().open(TestOptions.of(FedAvg.Config.class, Map.of("weights", "equal")), round);
    descent.begin(round);
    Tensors next = new Tensors(global.schema());
    Block block = new Block();
    for (Tensor tensor : global.schema().tensors()) {
      Unit unit = Unit.block(tensor, 0);
      List<Part> parts = new ArrayList<>();
      for (int i = 0; i < members.size(); i++) {
        float[] values = updates.get(i).values(tensor.name());
        parts.add(new Given(members.get(i), List.of(tensor), values));
      }
      block.reset(unit.length());
      mean.fold(unit, parts, block);
      float[] combined = new float[unit.length()];
      block.copyTo(combined);
      descent.step(unit, global.values(tensor.name()), combined, next.values(tensor.name()));
    }
    return next;
  }

  private record Given(Member member, List<Tensor> tensors, float[] values) implements Part {}
}
