package fedllm.api.plugin;

import fedllm.api.random.Philox;

/**
 * Whose work a worker does.
 *
 * @param run the run's id, for messages
 * @param client the client, or {@code server}
 * @param seed the job's seed
 */
public record Scope(String run, String client, long seed) {

  /** Random numbers for one purpose: equal arguments give equal numbers on any machine. */
  public Philox random(int round, long step, String purpose) {
    return Philox.of(seed, round, client, step, purpose);
  }
}
