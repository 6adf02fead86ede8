package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.runtime.message.Word;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Silos that send what no server may count, beside two that are well. */
@Timeout(60)
class BadUpdateTest {

  @TempDir private Path folder;

  private static String job(Iterable<String> train) {
    return """
    trainer: { name: noise, bytes: 4000, tensors: 2 }
    strategy: fedavg
    protocol: { name: synchronous, rounds: 2 }
    planner: { name: everyone, train: [ %s ], evaluate: [ a ] }
    seed: 5
    """
        .formatted(String.join(", ", train));
  }

  private RunView reference() throws Exception {
    try (PlainFederation federation = new PlainFederation(folder.resolve("reference"), true)) {
      federation.silo("a", "{}\n");
      federation.silo("b", "{}\n");
      BadUpdates.odd().keySet().forEach(name -> join(federation, name, BadUpdates.HONEST));
      federation.awaitSilos(2 + BadUpdates.odd().size());
      return federation.outcome(job(new TreeSet<>(counted())));
    }
  }

  private static List<String> counted() {
    TreeSet<String> names = new TreeSet<>(BadUpdates.odd().keySet());
    names.addAll(List.of("a", "b"));
    return List.copyOf(names);
  }

  private static void join(PlainFederation federation, String name, HostileSilo.Answer answer) {
    HostileSilo silo =
        new HostileSilo(
            name,
            federation.transport(),
            federation.installed().infos(),
            name.startsWith("uninvited"),
            answer);
    federation.run(name, silo, silo::run);
  }

  @Test
  void whatIsWrongIsQuarantinedByNameAndWhatIsRightCounts() throws Exception {
    Map<String, BadUpdates.Case> hostile = BadUpdates.hostile();
    try (PlainFederation federation = new PlainFederation(folder.resolve("hostile"), true)) {
      federation.silo("a", "{}\n");
      federation.silo("b", "{}\n");
      BadUpdates.odd().forEach((name, answer) -> join(federation, name, answer));
      hostile.forEach((name, c) -> join(federation, "x-" + name, c.answer()));
      join(federation, "uninvited", (silo, order) -> silo.upload(order, 9, BadUpdates.with(1e30f)));
      federation.awaitSilos(3 + BadUpdates.odd().size() + hostile.size());
      TreeSet<String> train = new TreeSet<>(counted());
      hostile.keySet().forEach(name -> train.add("x-" + name));
      RunView run = federation.outcome(job(train));

      assertEquals(RunState.COMPLETED, run.state(), run.says());
      assertEquals(3, run.rounds().size());
      for (RoundView round : run.rounds().subList(1, 3)) {
        assertEquals(counted(), round.members(), round.absent().toString());
        assertEquals(hostile.size(), round.absent().size(), round.absent().toString());
      }
      hostile.forEach(
          (name, c) -> {
            String reason = PlainFederation.reason(run, "x-" + name);
            assertTrue(reason.contains(c.says()), name + " → " + reason);
          });
      hostile.forEach((name, c) -> assertListed(federation, "x-" + name, c.says()));
      assertEquals(reference().result().sha256(), run.result().sha256());
      assertNotEquals(run.rounds().get(0).sha256(), run.result().sha256());

      RunView next = federation.outcome(job(List.of("a", "b")));
      assertEquals(RunState.COMPLETED, next.state(), "the server lives: " + next.says());
    }
  }

  /** The list of what did not count names it, and where it lies. */
  private static void assertListed(PlainFederation federation, String silo, String says) {
    // Its own word is no fault; what it sent before is one.
    String reason =
        !says.equals("I give up")
            ? says
            : silo.endsWith("foreign-run") ? "there is no such run here" : "nobody awaited it";
    assertTrue(
        federation.console().quarantine().stream()
            .anyMatch(
                q ->
                    q.silo().equals(silo)
                        && q.reason().contains(reason)
                        && q.topic().endsWith(".silo." + silo)
                        && q.offset() >= 0),
        silo + " is not listed for: " + reason);
  }

  private static HostileSilo.Answer firstOnly(HostileSilo.Answer bad) {
    return (silo, order) -> {
      if (order.attempt().round() == 0) {
        bad.to(silo, order);
      } else {
        silo.say(new Word.Out(order.attempt(), "done"));
      }
    };
  }

  @Test
  void aBadInitialStateIsRefusedAndTheNextSiloMakesOne() throws Exception {
    try (PlainFederation federation = new PlainFederation(folder, true)) {
      BadUpdates.badBeginnings()
          .forEach((name, c) -> join(federation, name, firstOnly(c.answer())));
      federation.silo("well", "{}\n");
      federation.awaitSilos(1 + BadUpdates.badBeginnings().size());
      TreeSet<String> all = new TreeSet<>(BadUpdates.badBeginnings().keySet());
      all.add("well");
      RunView run = federation.outcome(job(all).replace("[ a ]", "[ well ]"));
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      assertEquals(List.of("well"), run.rounds().get(2).members());
    }
  }

  @Test
  void whereNoSiloMakesAnInitialStateTheRunFailsWithEachReason() throws Exception {
    try (PlainFederation federation = new PlainFederation(folder, true)) {
      BadUpdates.badBeginnings().forEach((name, c) -> join(federation, name, c.answer()));
      federation.awaitSilos(BadUpdates.badBeginnings().size());
      RunView run =
          federation.outcome(job(BadUpdates.badBeginnings().keySet()).replace("[ a ]", "[ nan ]"));
      System.out.println(run.says());
      assertEquals(RunState.FAILED, run.state());
      BadUpdates.badBeginnings()
          .forEach(
              (name, c) -> {
                assertTrue(run.says().contains(name + "="), run.says());
                assertTrue(run.says().contains(c.says()), c.says() + " is not in " + run.says());
              });
    }
  }
}
