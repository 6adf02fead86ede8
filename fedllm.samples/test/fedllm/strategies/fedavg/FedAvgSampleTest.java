package fedllm.strategies.fedavg;

import fedllm.api.strategy.AggregationStrategy;
import fedllm.testkit.AggregationContract;

class FedAvgSampleTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new FedAvg();
  }
}
