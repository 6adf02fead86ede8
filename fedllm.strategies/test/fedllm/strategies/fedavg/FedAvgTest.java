package fedllm.strategies.fedavg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class FedAvgTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new FedAvg();
  }

  @Test
  void weighsByExamples() {
    Unit unit = Samples.unit(2);
    List<Part> parts =
        List.of(
            new OnePart(new Member("bank", 30), unit.tensors(), new float[] {1, 8}),
            new OnePart(new Member("school", 10), unit.tensors(), new float[] {5, -8}));
    Block out = new Block();
    out.reset(2);
    List<Member> members = parts.stream().map(Part::member).toList();
    Round round = new Round(1, members, Samples.SCHEMA, Samples.SCOPE);
    strategy().open(TestOptions.none(), round).fold(unit, parts, out);
    assertEquals(2, out.get(0));
    assertEquals(4, out.get(1));
  }
}
