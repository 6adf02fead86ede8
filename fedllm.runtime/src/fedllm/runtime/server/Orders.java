package fedllm.runtime.server;

import fedllm.api.planner.Assignment;
import fedllm.api.run.UsedPlugin;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.plugin.States;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run's orders: given, or found standing in the log. One thread. */
final class Orders {

  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  private final String id;
  private final House house;
  private final Ledger ledger;
  private final States memories;
  private final Versions versions;
  private History.Past past;
  private Set<String> party = Set.of();
  private List<String> changes = List.of();
  private int attempts;

  Orders(String id, House house, Ledger ledger, States memories, Versions versions) {
    this.id = id;
    this.house = house;
    this.ledger = ledger;
    this.memories = memories;
    this.versions = versions;
  }

  /** Goes on with what the log says, once it is known which round that is. */
  void goOn(History.Past before) {
    past = before;
    attempts = before.attempts;
    party = before.clients;
    Event.Ordered standing = standing();
    if (standing != null) {
      needs(standing).forEach((topic, from) -> house.retention().need(id, topic, from));
    } else if (late() != null) {
      needs(late().asked()).forEach((topic, from) -> house.retention().need(id, topic, from));
    }
  }

  /** The order of the next round that the log holds already; null where it has to be given. */
  Event.Ordered standing() {
    return past == null ? null : past.order(ledger.closed() + 1);
  }

  /**
   * Who goes on since the last round closed; null for nobody, or where a standing order says it.
   */
  Asking late() {
    Event.Ordered last = past == null ? null : past.order(ledger.closed());
    Event.Closed closing = past == null ? null : past.closing(ledger.closed());
    if (standing() != null || last == null || closing == null) {
      return null;
    }
    Asking over = new Asking(last, System.nanoTime());
    over.closedAs(closing);
    return over.late();
  }

  /** From where on answers to orders have to be read, by topic. */
  Map<String, Long> unread() {
    Map<String, Event.Asked> asked = Map.of();
    if (standing() != null) {
      asked = standing().clients();
    } else if (late() != null) {
      asked = late().asked();
    }
    Map<String, Long> from = new TreeMap<>();
    asked.forEach((c, what) -> from.put(house.topics().silo(c), what.from()));
    return from;
  }

  /** Takes up the standing order, which others may have answered meanwhile. */
  Asking takeUp() {
    Event.Ordered standing = standing();
    Asking asking = new Asking(standing, System.nanoTime());
    Event.Closed closing = past.closing(standing.attempt().round());
    if (closing != null) {
      asking.closedAs(closing);
    }
    ledger.plugins(Versions.of(standing.plugins()));
    LOG.info("{} goes on{}", standing.attempt(), closing == null ? "" : "; it was closed before");
    past = null;
    return asking;
  }

  /** Who takes part, and is waited for where the course wants that. */
  void party(Collection<String> clients) {
    party = Set.copyOf(clients);
  }

  /** Who takes part. */
  Set<String> party() {
    return party;
  }

  /** What the newest order swapped, in words. */
  List<String> changes() {
    return changes;
  }

  /**
   * Publishes a round's state and orders.
   *
   * @param late who goes on with what an earlier round asked; null for nobody
   */
  Asking ask(int round, List<Assignment> plan, Asking late, Crew crew, SafetensorsFile global) {
    long startedNs = System.nanoTime();
    Attempt attempt = new Attempt(id, round, ++attempts);
    Map<String, Event.Asked> asked = new TreeMap<>();
    for (Assignment a : plan) {
      long from = house.places().next(house.topics().silo(a.client()));
      asked.put(
          a.client(), new Event.Asked(a.tasks(), a.settings(), ledger.counted(a.client()), from));
    }
    if (late != null) {
      late.stillAsked().forEach(asked::putIfAbsent);
    }
    Set<String> heardOf = new TreeSet<>(asked.keySet());
    heardOf.retainAll(house.silos().known()); // who is late may be gone
    List<UsedPlugin> used = versions.choose(crew.used(), heardOf);
    changes = Versions.changes(ledger.plugins(), used);
    ledger.plugins(used);
    changes.forEach(change -> house.audit().add("swap", id, change));
    Map<String, String> byName = new LinkedHashMap<>();
    used.forEach(u -> byName.put(u.kind() + "/" + u.name(), u.version()));
    Event.Ordered order = order(attempt, asked, byName, crew, global);
    needs(order).forEach((topic, from) -> house.retention().need(id, topic, from));
    house.post().event(house.topics().control(), order);
    if (round > 0) {
      party(asked.keySet());
    }
    Asking asking = new Asking(order, startedNs);
    if (late != null) {
      asking.takeOver(late);
    }
    return asking;
  }

  private Event.Ordered order(
      Attempt attempt,
      Map<String, Event.Asked> asked,
      Map<String, String> byName,
      Crew crew,
      SafetensorsFile global) {
    Event.Broadcast broadcast = null;
    Event.Kept state = null;
    Event.Kept memory = null;
    if (attempt.round() > 0) {
      broadcast = house.broadcasts().send(attempt, global, crew);
      state = house.broadcasts().keep(attempt, global, crew, broadcast);
      if (!ledger.memory().isEmpty()) {
        memory = house.keeping().file(attempt, memories.file(ledger.closed()), ledger.memory());
      }
    }
    return new Event.Ordered(
        attempt, asked, broadcast, state, memory, ledger.base(), byName, crew.rounds());
  }

  /** From where on a run still reads each topic, once an order of it is in the log. */
  private Map<String, Long> needs(Event.Ordered order) {
    Map<String, Long> needs = needs(order.clients());
    if (order.broadcast() != null) {
      needs.merge(house.topics().broadcast(), order.broadcast().offset(), Math::min);
    }
    for (Event.Kept kept : new Event.Kept[] {order.state(), order.memory()}) {
      if (kept != null) {
        needs.merge(kept.topic(), kept.offset(), Math::min);
      }
    }
    return needs;
  }

  /** From where on answers are read, and states that clients still learn from. */
  private Map<String, Long> needs(Map<String, Event.Asked> clients) {
    Map<String, Long> needs = new TreeMap<>();
    clients.forEach(
        (client, asked) -> {
          needs.put(house.topics().silo(client), asked.from());
          if (asked.still() != null) {
            needs.merge(house.topics().broadcast(), asked.still().broadcast(), Math::min);
          }
        });
    return needs;
  }

  /** The log gave an order back: the state before it is there, and what led to it can go. */
  void confirmed(Event.Ordered order) {
    if (order.attempt().number() == attempts) { // else a newer one needs more
      house.retention().needOnly(id, needs(order));
    }
  }
}
