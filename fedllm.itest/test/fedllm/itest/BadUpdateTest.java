package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.plugin.Scope;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.codecs.bf16.Bf16;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.testkit.TestOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Silos that send what no server may count, beside two that are well. */
@Timeout(60)
class BadUpdateTest {

  private static final Tensor FIRST = new Tensor("noise.0", "weight", List.of(500L));
  private static final Tensor SECOND = new Tensor("noise.1", "weight", List.of(500L));
  private static final Scope SCOPE = new Scope("run", "x-codecs", 0);
  private static final Schema SCHEMA = new Schema(List.of(FIRST, SECOND));
  private static final byte[] FINE = HostileSilo.payload(SCHEMA);

  private static final HostileSilo.Answer HONEST = (silo, order) -> silo.upload(order, 1, FINE);

  @TempDir private Path folder;

  /** What a silo sends, and what the run must say of it. */
  private record Case(String says, HostileSilo.Answer answer) {}

  private static Case payload(String says, byte[] payload) {
    return new Case(says, (silo, order) -> silo.upload(order, 1, payload));
  }

  private static Case examples(long examples, String says) {
    return new Case(says, (silo, order) -> silo.upload(order, examples, FINE));
  }

  private static Case text(String text) {
    return new Case("none that fedllm writes", (silo, order) -> silo.write(text));
  }

  private static byte[] with(float value) {
    Tensors tensors = new Tensors(SCHEMA);
    tensors.values(1)[499] = value;
    return HostileSilo.payload(tensors, FrameEncoder.plain());
  }

  private static byte[] of(Tensor... tensors) {
    return HostileSilo.payload(new Schema(List.of(tensors)));
  }

  private static byte[] halves() {
    Map<String, String> words = Map.of("fedllm.wire", "1", "fedllm.codecs", "");
    byte[] header = HeaderJson.write(SafetensorsHeader.of(SCHEMA, Dtype.F16, words));
    return Arrays.copyOf(header, header.length + (int) (2 * SCHEMA.size()));
  }

  private static byte[] coded() {
    return HostileSilo.payload(
        new Tensors(SCHEMA),
        new FrameEncoder(
            List.of("bf16"), List.of(new Bf16().encoder(TestOptions.none(), SCOPE)), List.of()));
  }

  private static Map<String, Case> hostile() {
    Map<String, Case> cases = new TreeMap<>();
    cases.put("nan", payload("not finite in noise.1.weight", with(Float.NaN)));
    cases.put("infinity", payload("not finite in noise.1.weight", with(Float.NEGATIVE_INFINITY)));
    cases.put(
        "shape",
        payload("noise.0.weight", of(new Tensor("noise.0", "weight", List.of(250L, 2L)), SECOND)));
    cases.put("dtype", payload("F32", halves()));
    cases.put("missing", payload("holds 1 tensors, not 2", of(FIRST)));
    cases.put(
        "extra",
        payload(
            "holds 3 tensors, not 2",
            of(FIRST, SECOND, new Tensor("noise.2", "weight", List.of(1L)))));
    cases.put(
        "renamed", payload("where noise.1.weight", of(FIRST, new Tensor("x", "y", List.of(500L)))));
    cases.put("codecs", payload("was not coded by []", coded()));
    cases.put("cut", payload("is cut short", Arrays.copyOf(FINE, FINE.length - 4)));
    cases.put(
        "long", payload("goes on after its last tensor", Arrays.copyOf(FINE, FINE.length + 4)));
    cases.put(
        "text",
        payload("length of its header", "nothing of the sort".getBytes(StandardCharsets.UTF_8)));
    cases.put("none", examples(0, "reports 0 examples"));
    cases.put("negative", examples(-7, "reports -7 examples"));
    cases.put("boastful", examples(Long.MAX_VALUE, "examples, above"));
    cases.put(
        "truncated",
        new Case(
            "the manifest says",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, order.base());
              silo.chunk(order.attempt(), FINE, 0);
              silo.manifest(order.attempt(), HostileSilo.pieces(FINE), FINE);
            }));
    cases.put(
        "sha",
        new Case(
            "another SHA-256",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, order.base());
              silo.chunks(order.attempt(), FINE);
              silo.manifest(order.attempt(), HostileSilo.pieces(FINE), new byte[FINE.length]);
            }));
    cases.put(
        "crc",
        new Case(
            "another CRC",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, order.base());
              silo.write(HostileSilo.headers(order.attempt(), FINE, 0), HostileSilo.piece(FINE, 1));
            }));
    cases.put(
        "order",
        new Case(
            "chunk 1 came where 0 was due",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, order.base());
              silo.chunk(order.attempt(), FINE, 1);
              silo.chunk(order.attempt(), FINE, 0);
            }));
    cases.put(
        "numberless",
        new Case(
            "chunk null came where 0 was due",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, order.base());
              silo.write(without("chunk", order.attempt()), HostileSilo.piece(FINE, 0));
            }));
    cases.put(
        "attemptless",
        new Case(
            "none that fedllm writes",
            (silo, order) ->
                silo.write(without("attempt", order.attempt()), HostileSilo.piece(FINE, 0))));
    cases.put(
        "runless",
        new Case(
            "none that fedllm writes",
            (silo, order) ->
                silo.write(without("run", order.attempt()), HostileSilo.piece(FINE, 0))));
    cases.put(
        "beginless",
        new Case(
            "has not begun",
            (silo, order) -> {
              silo.chunks(order.attempt(), FINE);
              silo.manifest(order.attempt(), HostileSilo.pieces(FINE), FINE);
            }));
    cases.put(
        "manifest-only",
        new Case("has not begun", (silo, order) -> silo.manifest(order.attempt(), 3, FINE)));
    cases.put(
        "base",
        new Case(
            "another base model",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, "0".repeat(64));
              silo.chunks(order.attempt(), FINE);
            }));
    cases.put(
        "report",
        new Case(
            "a report that nobody asked for",
            (silo, order) -> silo.say(new Word.Report(order.attempt(), Map.of("loss", 0.0)))));
    cases.put("garbage", text("\u0000\u0001{"));
    cases.put("null-word", text("null"));
    cases.put("list", text("[]"));
    cases.put("empty", text(""));
    cases.put("begin-of-nothing", text("{\"word\":\"begin\"}"));
    cases.put("beat-of-nothing", text("{\"word\":\"beat\"}"));
    cases.put("joined-of-nothing", text("{\"word\":\"joined\"}"));
    cases.put("joined-with-null", text("{\"word\":\"joined\",\"host\":\"x\",\"plugins\":[null]}"));
    cases.put(
        "joined-with-odd-plugin",
        text("{\"word\":\"joined\",\"host\":\"x\",\"plugins\":[{\"version\":\"one\"}]}"));
    cases.put("report-of-nothing", text("{\"word\":\"report\"}"));
    cases.put("out-of-nothing", text("{\"word\":\"out\"}"));
    cases.put("deep", text("[".repeat(100_000)));
    cases.put(
        "old",
        new Case(
            "I give up",
            (silo, order) -> {
              Attempt now = order.attempt();
              Attempt old = new Attempt(now.run(), now.round(), now.number() - 1);
              silo.begin(old, 1, order.base());
              silo.chunks(old, with(1e30f));
              silo.manifest(old, HostileSilo.pieces(FINE), with(1e30f));
              silo.say(new Word.Out(now, "I give up"));
            }));
    return cases;
  }

  private static Map<String, String> without(String header, Attempt attempt) {
    Map<String, String> headers = new HashMap<>(HostileSilo.headers(attempt, FINE, 0));
    headers.remove(header);
    return headers;
  }

  /** What comes twice or from the future does not harm what is right. */
  private static Map<String, HostileSilo.Answer> odd() {
    return Map.of(
        "z-second-manifest",
        (silo, order) -> {
          silo.upload(order, 1, FINE);
          silo.manifest(order.attempt(), 99, with(1e30f));
          silo.upload(order, 50, with(1e30f));
        },
        "z-begins-again",
        (silo, order) -> {
          silo.begin(order.attempt(), 9, order.base());
          silo.chunk(order.attempt(), with(1e30f), 0);
          silo.upload(order, 1, FINE);
        },
        "z-from-the-future",
        (silo, order) -> {
          silo.write("{\"word\":\"sings\",\"loud\":true}");
          silo.upload(order, 1, FINE);
        });
  }

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
      odd().keySet().forEach(name -> join(federation, name, HONEST));
      federation.awaitSilos(2 + odd().size());
      return federation.outcome(job(new TreeSet<>(counted())));
    }
  }

  private static List<String> counted() {
    TreeSet<String> names = new TreeSet<>(odd().keySet());
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
    Map<String, Case> hostile = hostile();
    try (PlainFederation federation = new PlainFederation(folder.resolve("hostile"), true)) {
      federation.silo("a", "{}\n");
      federation.silo("b", "{}\n");
      odd().forEach((name, answer) -> join(federation, name, answer));
      hostile.forEach((name, c) -> join(federation, "x-" + name, c.answer()));
      join(federation, "uninvited", (silo, order) -> silo.upload(order, 9, with(1e30f)));
      federation.awaitSilos(3 + odd().size() + hostile.size());
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
      assertEquals(reference().result().sha256(), run.result().sha256());
      assertNotEquals(run.rounds().get(0).sha256(), run.result().sha256());

      RunView next = federation.outcome(job(List.of("a", "b")));
      assertEquals(RunState.COMPLETED, next.state(), "the server lives: " + next.says());
    }
  }

  private static Map<String, Case> badBeginnings() {
    Map<String, Case> cases = new TreeMap<>();
    cases.put("nan", payload("not finite", with(Float.NaN)));
    cases.put("nothing", payload("holds no tensor", of()));
    cases.put("beginless", new Case("has not begun", (s, o) -> s.chunks(o.attempt(), FINE)));
    cases.put("garbage", text("{"));
    cases.put(
        "report",
        new Case("nobody asked for", (s, o) -> s.say(new Word.Report(o.attempt(), Map.of()))));
    cases.put(
        "file",
        new Case(
            "cannot be called that way",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, "");
              silo.chunks(order.attempt(), FINE);
              silo.say(
                  new Word.Manifest(
                      order.attempt(),
                      HostileSilo.pieces(FINE),
                      FINE.length,
                      HostileSilo.sha256(FINE),
                      Map.of(),
                      0,
                      0,
                      Map.of("../../up", "x")));
            }));
    return cases;
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
      badBeginnings().forEach((name, c) -> join(federation, name, firstOnly(c.answer())));
      federation.silo("well", "{}\n");
      federation.awaitSilos(1 + badBeginnings().size());
      TreeSet<String> all = new TreeSet<>(badBeginnings().keySet());
      all.add("well");
      RunView run = federation.outcome(job(all).replace("[ a ]", "[ well ]"));
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      assertEquals(List.of("well"), run.rounds().get(2).members());
    }
  }

  @Test
  void whereNoSiloMakesAnInitialStateTheRunFailsWithEachReason() throws Exception {
    try (PlainFederation federation = new PlainFederation(folder, true)) {
      badBeginnings().forEach((name, c) -> join(federation, name, c.answer()));
      federation.awaitSilos(badBeginnings().size());
      RunView run = federation.outcome(job(badBeginnings().keySet()).replace("[ a ]", "[ nan ]"));
      System.out.println(run.says());
      assertEquals(RunState.FAILED, run.state());
      badBeginnings()
          .forEach(
              (name, c) -> {
                assertTrue(run.says().contains(name + "="), run.says());
                assertTrue(run.says().contains(c.says()), c.says() + " is not in " + run.says());
              });
    }
  }
}
