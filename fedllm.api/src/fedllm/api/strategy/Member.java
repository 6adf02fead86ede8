package fedllm.api.strategy;

/**
 * A client that takes part in a round, and how many examples it learned from.
 *
 * @param client its name in the federation
 * @param examples above zero
 */
public record Member(String client, long examples) {
  public Member {
    if (examples <= 0) {
      throw new IllegalArgumentException(client + " reports " + examples + " examples");
    }
  }
}
