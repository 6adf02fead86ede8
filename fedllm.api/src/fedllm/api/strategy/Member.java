package fedllm.api.strategy;

/**
 * A client that takes part in a round, and how many examples it learned from.
 *
 * @param client its name in the federation
 * @param examples above zero
 * @param staleness how many rounds before this one it was given the global state that it learned
 *     from; 0 unless the protocol lets updates come late
 */
public record Member(String client, long examples, int staleness) {
  public Member {
    if (examples <= 0) {
      throw new IllegalArgumentException(client + " reports " + examples + " examples");
    }
    if (staleness < 0) {
      throw new IllegalArgumentException(client + " is " + staleness + " rounds late");
    }
  }

  /** One that learned from the state that the round began with. */
  public Member(String client, long examples) {
    this(client, examples, 0);
  }

  /** The same, so many rounds late. */
  public Member late(int rounds) {
    return new Member(client, examples, rounds);
  }
}
