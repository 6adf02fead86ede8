package fedllm.runtime.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import fedllm.api.planner.Task;
import fedllm.api.run.QuarantineView;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An event of the control topic. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Event.ServerUp.class, name = "server-up"),
  @JsonSubTypes.Type(value = Event.Pinned.class, name = "pinned"),
  @JsonSubTypes.Type(value = Event.Submitted.class, name = "submitted"),
  @JsonSubTypes.Type(value = Event.Ordered.class, name = "ordered"),
  @JsonSubTypes.Type(value = Event.Closed.class, name = "closed"),
  @JsonSubTypes.Type(value = Event.Recorded.class, name = "recorded"),
  @JsonSubTypes.Type(value = Event.Said.class, name = "said"),
  @JsonSubTypes.Type(value = Event.Quarantined.class, name = "quarantined")
})
public sealed interface Event {

  /** A server listens from now on; silos introduce themselves. */
  record ServerUp(long startedMs) implements Event {}

  /** A silo was heard of for the first time: what it signs with is by this key from now on. */
  record Pinned(String silo, String key) implements Event {}

  /** A job was taken. */
  record Submitted(String run, String source, String job) implements Event {}

  /**
   * Clients are asked.
   *
   * @param clients what each is asked for
   * @param broadcast where the global state lies, or null where there is none yet
   * @param base the base model's fingerprint, or empty while nobody knows it
   * @param plugins the versions to use, by {@code kind/name}
   * @param rounds how many rounds the protocol plans; 0 where it does not know
   */
  record Ordered(
      Attempt attempt,
      Map<String, Asked> clients,
      Broadcast broadcast,
      String base,
      Map<String, String> plugins,
      int rounds)
      implements Event {}

  /**
   * What one client is asked for.
   *
   * @param counted the last round in which its update counted, 0 for none: the round whose private
   *     state it goes on from
   * @param from where its topic ended when it was asked: what it answers comes after
   */
  record Asked(Set<Task> tasks, Map<String, Object> settings, int counted, long from) {}

  /** Where a global state lies in the broadcast topic. */
  record Broadcast(int round, long offset, int chunks, long bytes, String sha256) {}

  /** A round closed with these members, and nothing later changes that. */
  record Closed(Attempt attempt, Map<String, Long> members, Map<String, String> absent)
      implements Event {}

  /**
   * A global state was made.
   *
   * @param files what belongs beside the result; round 0 alone has them
   */
  record Recorded(String run, RoundView round, String base, Map<String, String> files)
      implements Event {}

  /** Something that a silo sent does not count. */
  record Quarantined(QuarantineView what) implements Event {}

  /** A run changed what it does. */
  record Said(String run, RunState state, String says, ResultView result, List<String> by)
      implements Event {}
}
