package fedllm.api.planner;

/** What an order can ask for. */
public enum Task {
  /** Make the run's first global state. */
  INITIALISE,
  /** Measure the global state that comes with the order, before any training. */
  EVALUATE,
  /** Learn from it and send an update. */
  TRAIN
}
