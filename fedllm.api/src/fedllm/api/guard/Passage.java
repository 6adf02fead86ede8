package fedllm.api.guard;

import fedllm.api.tensor.Schema;

/**
 * One message on its way.
 *
 * @param point where it is
 * @param client who learned it, or {@code server}
 * @param round the round
 * @param schema its tensors
 */
public record Passage(Point point, String client, int round, Schema schema) {}
