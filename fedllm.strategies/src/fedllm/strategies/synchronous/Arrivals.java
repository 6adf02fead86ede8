package fedllm.strategies.synchronous;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * When updates use to arrive, as this federation has taught: a moving mean and deviation for each
 * client, as TCP keeps them of its round trips (RFC 6298).
 */
final class Arrivals {

  private static final double NEW_MEAN = 1.0 / 8;
  private static final double NEW_DEVIATION = 1.0 / 4;

  /** So many deviations after its mean a client is late. */
  private static final double DEVIATIONS = 4;

  private final Map<String, double[]> clients = new HashMap<>();

  /** A client's update came so long after its order. */
  void add(String client, double seconds) {
    double[] known = clients.get(client);
    if (known == null) {
      clients.put(client, new double[] {seconds, seconds / 2});
      return;
    }
    known[1] += NEW_DEVIATION * (Math.abs(seconds - known[0]) - known[1]);
    known[0] += NEW_MEAN * (seconds - known[0]);
  }

  /**
   * How many seconds more the late are worth, now that the quorum came after {@code seconds}: until
   * the last of those is due who use to come before twice that time; one who never came may be one
   * of them.
   */
  double patience(Set<String> late, double seconds) {
    double until = seconds;
    for (String client : late) {
      double[] known = clients.get(client);
      double due = known == null ? 2 * seconds : known[0] + DEVIATIONS * known[1];
      if (known == null || known[0] <= 2 * seconds) {
        until = Math.max(until, Math.min(due, 2 * seconds));
      }
    }
    return until - seconds;
  }
}
