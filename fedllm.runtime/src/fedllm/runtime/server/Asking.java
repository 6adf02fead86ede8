package fedllm.runtime.server;

import fedllm.api.planner.Task;
import fedllm.api.strategy.Member;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A round that is open: who was asked for what, and what has come; or, between two rounds, who goes
 * on with what it was asked. One thread.
 */
final class Asking {

  private final Attempt attempt;
  private final Map<String, Event.Asked> asked;

  /** The offset of the state that those learn from who are asked by this order. */
  private final long broadcast;

  private final Map<String, Upload> arrivals = new TreeMap<>();
  private final Set<String> reported = new HashSet<>();
  private final Map<String, String> absent = new TreeMap<>();
  private final Map<String, String> lost = new TreeMap<>();
  private final long startedNs;
  private final boolean betweenRounds;

  /** How the log says that the round closed; null while it is open. */
  private Event.Closed closing;

  /** Those who go on when the round has closed; null before, and where nobody does. */
  private Asking late;

  /** Of a round whose broadcast began to be sent at {@code startedNs}. */
  Asking(Event.Ordered order, long startedNs) {
    this.startedNs = startedNs;
    this.attempt = order.attempt();
    this.betweenRounds = false;
    this.asked = Map.copyOf(order.clients());
    this.broadcast = order.broadcast() == null ? -1 : order.broadcast().offset();
  }

  /** Those of a round that is over who go on with what they were asked. */
  private Asking(Asking over, Set<String> clients) {
    this.startedNs = over.startedNs;
    this.attempt = over.attempt;
    this.broadcast = -1;
    this.betweenRounds = true;
    this.asked = new TreeMap<>();
    clients.forEach(client -> asked.put(client, over.goesOn(client)));
    takeOver(over);
  }

  /** What a client was asked, as a later order says it. */
  private Event.Asked goesOn(String client) {
    Event.Asked what = asked.get(client);
    return what.still() == null ? what.by(new Event.Earlier(attempt, broadcast)) : what;
  }

  /** Takes over what has come already of clients that go on with what they were asked. */
  void takeOver(Asking before) {
    asked.forEach(
        (client, what) -> {
          Upload arrival = what.still() == null ? null : before.arrivals.remove(client);
          if (arrival != null) {
            arrival.comesLate(staleness(client));
            arrivals.put(client, arrival);
          }
        });
  }

  /** Whether it is of those who go on between two rounds. */
  boolean isBetweenRounds() {
    return betweenRounds;
  }

  Attempt attempt() {
    return attempt;
  }

  /** The order that a client answers: this round's, or the earlier one that it still works on. */
  Attempt attempt(String client) {
    Event.Earlier still = asked.get(client).still();
    return still == null ? attempt : still.attempt();
  }

  /** How many rounds late a client is in this one. */
  int staleness(String client) {
    return attempt.round() - attempt(client).round();
  }

  /** What the clients were asked that may still answer. */
  Map<String, Event.Asked> stillAsked() {
    Map<String, Event.Asked> still = new TreeMap<>(asked);
    still.keySet().removeAll(absent.keySet());
    return still;
  }

  /** Who still works on what an earlier round asked. */
  Set<String> lateOnes() {
    return asked.keySet().stream()
        .filter(client -> asked.get(client).still() != null)
        .collect(Collectors.toSet());
  }

  Map<String, Event.Asked> asked() {
    return asked;
  }

  boolean asks(String client, Task task) {
    return asked.containsKey(client) && asked.get(client).tasks().contains(task);
  }

  /** The round was closed before, by this server or another one: its members are who they are. */
  void closedAs(Event.Closed recorded) {
    closing = recorded;
    goOn(recorded.late());
  }

  /** The round is over, and these go on with what they were asked. */
  void goOn(Set<String> clients) {
    late = clients.isEmpty() ? null : new Asking(this, clients);
  }

  /** Those who go on now that the round is over; null where nobody does. */
  Asking late() {
    return late;
  }

  /** How the log says that the round closed; null while it is open. */
  Event.Closed closing() {
    return closing;
  }

  /** Whether all are here whom a closed round counts. */
  boolean isComplete() {
    return closing != null && closing.members().keySet().stream().allMatch(this::hasArrived);
  }

  /** Whether something of a client can still count. */
  boolean awaits(String client) {
    boolean open = closing == null || closing.members().containsKey(client);
    return open && asked.containsKey(client) && !absent.containsKey(client) && !hasArrived(client);
  }

  /** Nothing is heard of a client; answers whether that is news that matters. */
  boolean lose(String client, String why) {
    return awaits(client) && lost.put(client, why) == null;
  }

  /** A client is heard of again; answers whether it was lost. */
  boolean find(String client) {
    return lost.remove(client) != null && awaits(client);
  }

  boolean hasArrived(String client) {
    return arrivals.containsKey(client) && arrivals.get(client).whole();
  }

  Upload arrival(String client) {
    return arrivals.get(client);
  }

  /** A client begins to upload; what it began before is forgotten. */
  void begin(String client, Upload arrival) {
    arrivals.put(client, arrival);
  }

  void report(String client) {
    reported.add(client);
  }

  /** A client sits out; nothing of it counts any more. */
  void absent(String client, String reason) {
    arrivals.remove(client);
    absent.put(client, reason);
  }

  Map<String, String> absences() {
    return absent;
  }

  /** Who trains and may go on when the round is over, where so many rounds late still count. */
  Set<String> mayGoOn(int maxStaleness) {
    return asked.keySet().stream()
        .filter(client -> asks(client, Task.TRAIN) && awaits(client))
        .filter(client -> staleness(client) < maxStaleness)
        .collect(Collectors.toSet());
  }

  /**
   * Why each client that was asked to train is no member, now that the round closes.
   *
   * @param goOn who may still be one of a later round
   */
  Map<String, String> nonMembers(Set<String> goOn) {
    Map<String, String> all = new TreeMap<>(absent);
    asked.keySet().stream()
        .filter(client -> asks(client, Task.TRAIN) && awaits(client) && !goOn.contains(client))
        .forEach(client -> all.put(client, whyTooLate(client)));
    return all;
  }

  private String whyTooLate(String client) {
    if (lost.containsKey(client)) {
      return lost.get(client);
    }
    int rounds = staleness(client);
    return rounds == 0
        ? "it came too late: the round closed after %.1f s".formatted(seconds())
        : "it came too late: it was asked in round %d, and may be %d rounds late at most"
            .formatted(attempt(client).round(), rounds);
  }

  /** Whether every client that was asked to measure has, or sits out. */
  boolean allReported() {
    return asked.keySet().stream()
        .filter(c -> asks(c, Task.EVALUATE))
        .allMatch(c -> reported.contains(c) || absent.containsKey(c) || lost.containsKey(c));
  }

  /** What counts, in client order. */
  List<Upload> members() {
    return arrivals.values().stream().filter(Upload::whole).toList();
  }

  /** The updates in it, in client order. */
  List<Arrival> updates() {
    return members().stream().flatMap(upload -> upload.updates().stream()).toList();
  }

  /** Members that had lost what they remember, in words. */
  List<String> afresh() {
    return members().stream()
        .filter(a -> !a.manifest().afresh().isEmpty())
        .map(
            a ->
                a.member().client()
                    + " lost its private state: "
                    + String.join(", ", a.manifest().afresh())
                    + " started afresh")
        .toList();
  }

  double seconds() {
    return (System.nanoTime() - startedNs) / 1e9;
  }

  /** What each client does, in words. */
  Map<String, String> words(Silos silos) {
    Map<String, String> words = new LinkedHashMap<>();
    for (String client : new TreeMap<>(asked).keySet()) {
      String word;
      if (absent.containsKey(client)) {
        word = "sits out: " + absent.get(client);
      } else if (lost.containsKey(client) && !hasArrived(client)) {
        word = "lost: " + lost.get(client);
      } else if (hasArrived(client)) {
        word = "arrived";
      } else if (!asks(client, Task.TRAIN) && reported.contains(client)) {
        word = "measured";
      } else {
        word = silos.doing(client, attempt.run());
      }
      if (asked.get(client).still() != null && !absent.containsKey(client)) {
        word += " (asked in round " + attempt(client).round() + ")";
      }
      words.put(client, word);
    }
    return words;
  }

  /** By how many rounds members are late; who is in time is not in it. */
  Map<String, Integer> lateness() {
    Map<String, Integer> lateness = new TreeMap<>();
    members().stream()
        .map(Upload::member)
        .filter(member -> member.staleness() > 0)
        .forEach(member -> lateness.put(member.client(), member.staleness()));
    return lateness;
  }

  /** The members as the log records them. */
  Map<String, Event.Counted> counted() {
    Map<String, Event.Counted> counted = new TreeMap<>();
    for (Upload arrival : members()) {
      Member member = arrival.member();
      counted.put(member.client(), new Event.Counted(member.examples(), arrival.begin()));
    }
    return counted;
  }
}
