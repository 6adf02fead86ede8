package fedllm.api.strategy;

/** How a strategy wants the members' payloads cut. */
public enum Units {
  /** Column blocks: at most {@link fedllm.api.tensor.Unit#MAX_VALUES} values of one tensor. */
  COLUMNS,
  /** Whole modules; the members' tensors may differ in shape, as ranks do. */
  MODULES
}
