package fedllm.api.run;

import java.util.List;
import java.util.Map;

/**
 * A closed round. Round 0 is the state that the run started from.
 *
 * @param number 0, 1, ...
 * @param members clients whose updates count
 * @param absent clients that were asked and do not count, with the reason
 * @param seconds from the order to the recorded state
 * @param bytesUp of the members' updates, as the Kafka client counted them
 * @param bytesDown of the broadcast and the orders
 * @param bytesFp32 what the updates would weigh as plain fp32
 * @param metrics by client, of the state that this round ended with; filled in as they arrive
 * @param sha256 of the global state's file
 * @param plugins used in this round
 * @param changes plugins that were swapped before it, and silos that had lost what they remember,
 *     in words
 * @param late by how many rounds updates came late and count all the same, by client; who was in
 *     time is not in it
 */
public record RoundView(
    int number,
    List<String> members,
    Map<String, String> absent,
    double seconds,
    long bytesUp,
    long bytesDown,
    long bytesFp32,
    Map<String, Map<String, Double>> metrics,
    String sha256,
    List<UsedPlugin> plugins,
    List<String> changes,
    Map<String, Integer> late) {
  public RoundView {
    late = late == null ? Map.of() : Map.copyOf(late); // earlier versions do not say
  }

  /** One in which nobody was late. */
  public RoundView(
      int number,
      List<String> members,
      Map<String, String> absent,
      double seconds,
      long bytesUp,
      long bytesDown,
      long bytesFp32,
      Map<String, Map<String, Double>> metrics,
      String sha256,
      List<UsedPlugin> plugins,
      List<String> changes) {
    this(
        number, members, absent, seconds, bytesUp, bytesDown, bytesFp32, metrics, sha256, plugins,
        changes, Map.of());
  }
}
