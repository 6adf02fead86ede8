package fedllm.runtime.silo;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Work;
import fedllm.runtime.message.Claim;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A silo that speaks for many small clients: for each of those that a round is for it opens a
 * worker, learns, sends and forgets, so that memory is one client's. They remember nothing between
 * rounds. One thread.
 */
final class Gateway {

  private final String name;
  private final int clients;
  private final Workers workers;

  Gateway(String name, int clients, Workers workers) {
    this.name = name;
    this.clients = clients;
    this.workers = workers;
  }

  /** How many clients an order is for. */
  int count(Work work) {
    if (!(work.settings().get(Work.CLIENTS) instanceof Number most) || most.intValue() < 1) {
      throw new SitsOut(
          name
              + " is a gateway of "
              + clients
              + " clients, and the job's planner asks for none of them; set its option clients");
    }
    return Math.min(clients, most.intValue());
  }

  /**
   * Learns for each client and adds it to the delivery; answers the means of what they measured.
   */
  Map<String, Double> deliver(Work work, Tensors global, Scope scope, Delivery delivery) {
    int[] chosen = chosen(count(work), scope.random(work.round(), 0, "clients"));
    Map<String, Double> metrics = new TreeMap<>();
    for (int i = 0; i < chosen.length; i++) {
      work.progress().at("client", i, chosen.length);
      int number = chosen[i];
      try (Workers.Client client = workers.client(Claim.name(name, number), number)) {
        Learned learned = client.train(work, global);
        Guarded.pass(client.watches(), Claim.name(name, number), work.round(), learned.update());
        delivery.add(number, learned, client.up());
        learned
            .metrics()
            .forEach((metric, value) -> metrics.merge(metric, value / chosen.length, Double::sum));
      }
    }
    return metrics;
  }

  /** So many of all clients, each as likely as any other, in order. */
  private int[] chosen(int count, Philox random) {
    int[] all = new int[clients];
    Arrays.setAll(all, i -> i);
    for (int i = 0; i < count && count < clients; i++) {
      int other = i + random.below(i, clients - i);
      int swap = all[i];
      all[i] = all[other];
      all[other] = swap;
    }
    int[] chosen = Arrays.copyOf(all, count);
    Arrays.sort(chosen);
    return chosen;
  }
}
