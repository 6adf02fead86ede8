package fedllm.itest;

import fedllm.api.planner.Task;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.codecs.bf16.Bf16;
import fedllm.format.Dtype;
import fedllm.format.Ed25519;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.testkit.TestOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** What no server may count, by the name of who sends it, and what a run must say of it. */
final class BadUpdates {

  private BadUpdates() {}

  private static final Tensor FIRST = new Tensor("noise.0", "weight", List.of(500L));
  private static final Tensor SECOND = new Tensor("noise.1", "weight", List.of(500L));
  private static final Scope SCOPE = new Scope("run", "x-codecs", 0);
  private static final Schema SCHEMA = new Schema(List.of(FIRST, SECOND));
  private static final byte[] FINE = HostileSilo.payload(SCHEMA);

  static final HostileSilo.Answer HONEST = (silo, order) -> silo.upload(order, 1, FINE);

  /** What a silo sends, and what the run must say of it. */
  record Case(String says, HostileSilo.Answer answer) {}

  private static Case payload(String says, byte[] payload) {
    return new Case(says, (silo, order) -> silo.upload(order, 1, payload));
  }

  private static Case examples(long examples, String says) {
    return new Case(says, (silo, order) -> silo.upload(order, examples, FINE));
  }

  private static Case text(String text) {
    return new Case("none that fedllm writes", (silo, order) -> silo.write(text));
  }

  static byte[] with(float value) {
    Tensors tensors = new Tensors(SCHEMA);
    tensors.values(1)[499] = value;
    return HostileSilo.payload(tensors, FrameEncoder.plain());
  }

  private static byte[] of(Tensor... tensors) {
    return HostileSilo.payload(new Schema(List.of(tensors)));
  }

  private static Tensor ofOne(String module) {
    return new Tensor(module, "weight", List.of(1L));
  }

  /** It says that two tensors of 2^40 values follow; nothing does. */
  private static byte[] huge() {
    Tensor claimed = new Tensor("noise.0", "weight", List.of(1L << 40));
    Map<String, String> words = Map.of("fedllm.wire", "1", "fedllm.codecs", "");
    return HeaderJson.write(
        SafetensorsHeader.of(new Schema(List.of(claimed, SECOND)), Dtype.F32, words));
  }

  private static byte[] oversizedHeader() {
    return ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 40).array();
  }

  private static byte[] codedBy(String codec) {
    Map<String, String> words = Map.of("fedllm.wire", "1", "fedllm.codecs", codec);
    byte[] header = HeaderJson.write(SafetensorsHeader.of(SCHEMA, Dtype.F32, words));
    return Arrays.copyOf(header, header.length + (int) (4 * SCHEMA.size()));
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

  /** A right upload up to its manifest. */
  private static Case manifest(BiConsumer<HostileSilo, Word.Manifest> end) {
    return new Case(
        "is not signed by the silo's key",
        (silo, order) -> {
          silo.begin(order.attempt(), 1, order.base());
          silo.chunks(order.attempt(), FINE);
          end.accept(silo, HostileSilo.words(order.attempt(), HostileSilo.pieces(FINE), FINE));
        });
  }

  static Map<String, Case> hostile() {
    Map<String, Case> cases = new TreeMap<>();
    cases.put("nan", payload("not finite in noise.1.weight", with(Float.NaN)));
    cases.put("infinity", payload("not finite in noise.1.weight", with(Float.NEGATIVE_INFINITY)));
    cases.put(
        "shape",
        payload("noise.0.weight", of(new Tensor("noise.0", "weight", List.of(250L, 2L)), SECOND)));
    cases.put("one-shape", payload("noise.0.weight", of(ofOne("noise.0"), ofOne("noise.1"))));
    cases.put("dtype", payload("F32", halves()));
    cases.put("huge", payload("where noise.0.weight", huge()));
    cases.put("oversized-header", payload("length of its header", oversizedHeader()));
    cases.put("unknown-codec", payload("was not coded by []", codedBy("rot13")));
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
    cases.put("unsigned", manifest((silo, said) -> silo.unsealed(said)));
    cases.put(
        "forged",
        manifest((silo, said) -> silo.say(silo.signed(Ed25519.newPair().getPrivate(), said))));
    cases.put(
        "altered", // signed, and then it says that it took other bytes
        manifest(
            (silo, said) ->
                silo.say(
                    new Word.Manifest(
                        said.attempt(),
                        said.chunks(),
                        said.bytes(),
                        said.sha256(),
                        Map.of("loss", 0.0),
                        said.sent(),
                        said.received(),
                        said.files(),
                        said.afresh(),
                        silo.signed(said).signature()))));
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
        "duplicated",
        new Case(
            "chunk 0 came where 1 was due",
            (silo, order) -> {
              silo.begin(order.attempt(), 1, order.base());
              silo.chunk(order.attempt(), FINE, 0);
              silo.chunk(order.attempt(), FINE, 0);
            }));
    cases.put(
        "another-name",
        new Case(
            "speaks for 5 clients, and its quota is 0",
            (silo, order) ->
                silo.say(new Word.Begin(order.attempt(), Task.TRAIN, 1, order.base(), 5))));
    cases.put(
        "foreign-run",
        new Case(
            "I give up",
            (silo, order) -> {
              Attempt foreign = new Attempt("r-of-nobody", order.attempt().round(), 1);
              silo.begin(foreign, 1, order.base());
              silo.chunks(foreign, FINE);
              silo.manifest(foreign, HostileSilo.pieces(FINE), FINE);
              silo.say(new Word.Out(order.attempt(), "I give up"));
            }));
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
  static Map<String, HostileSilo.Answer> odd() {
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

  static Map<String, Case> badBeginnings() {
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
                      Map.of("../../up", "x"),
                      List.of(),
                      ""));
            }));
    return cases;
  }
}
