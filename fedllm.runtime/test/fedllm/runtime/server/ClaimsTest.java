package fedllm.runtime.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.strategy.Member;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.transport.Record;
import fedllm.format.Sha256;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Claim;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.Blocks;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.Payload;
import fedllm.runtime.wire.PayloadWriter;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway may not do in its clients' names. */
class ClaimsTest {

  private static final Attempt ATTEMPT = new Attempt("r-1", 1, 1);
  private static final Schema SCHEMA = new Schema(List.of(new Tensor("m", "A", List.of(700L))));
  private static final Schema OTHER = new Schema(List.of(new Tensor("m", "B", List.of(7L))));

  @TempDir Path folder;

  private final List<String> refused = new ArrayList<>();
  private final StringBuilder lines = new StringBuilder();
  private Scratch scratch;
  private int chunks;
  private long bytes;

  @BeforeEach
  void room() {
    scratch = new Scratch(folder.resolve("updates"), 64 << 20);
  }

  private Claims claims(int expected) {
    return new Claims(
        "phones",
        expected,
        5,
        new Claims.Reception() {
          @Override
          public Arrival open(String client, long examples) {
            if (examples < 1) { // as the door says it
              throw new SitsOut(client + " has no example");
            }
            return new Arrival(
                ATTEMPT,
                new Member(client, examples),
                "phones",
                5,
                SCHEMA,
                FrameDecoder.plain(),
                List.of(),
                scratch,
                1 << 20);
          }

          @Override
          public void refused(String client, String reason, Record record) {
            refused.add(client + ": " + reason);
          }
        });
  }

  /** An update of one client, in one chunk, as the gateway sends it. */
  private Record update(Schema schema, int client, int number) throws Exception {
    Tensors tensors = new Tensors(schema);
    Arrays.fill(tensors.values(0), number);
    byte[][] made = {null};
    Payload payload =
        new PayloadWriter(FrameEncoder.plain())
            .write(1, schema, Blocks.of(tensors), Map.of(), chunk -> made[0] = chunk);
    Claim claim = new Claim(client, number, 3, payload.bytes(), payload.sha256());
    lines.append(claim.line());
    chunks++;
    bytes += payload.bytes();
    MemoryBroker broker = new MemoryBroker();
    try (MemoryTransport transport = new MemoryTransport(broker);
        var sender = transport.sender();
        var receiver = transport.receiver()) {
      transport.create("phones");
      Post.await(new Post(sender).chunk("phones", ATTEMPT, 5, 0, "", made[0], claim));
      receiver.follow("phones", 0);
      List<Record> records = receiver.poll(1000);
      return records.get(0);
    }
  }

  private static Record with(Record record, String header, String value) {
    Map<String, String> headers = new HashMap<>(record.headers());
    headers.put(header, value);
    return new Record(record.topic(), record.offset(), headers, record.body());
  }

  private Word.Manifest manifest(String sha256) {
    return new Word.Manifest(
        ATTEMPT, chunks, bytes, sha256, Map.of(), 0, 0, Map.of(), List.of(), "");
  }

  private Word.Manifest manifest() {
    return manifest(Sha256.hex(lines.toString().getBytes(UTF_8)));
  }

  @Test
  void whatIsWrongWithOneClientCountsForItAlone() throws Exception {
    Claims claims = claims(3);
    claims.chunk(update(SCHEMA, 0, 4));
    claims.chunk(update(OTHER, 1, 7));
    claims.chunk(update(SCHEMA, 2, 9));
    claims.end(manifest());
    assertTrue(claims.whole());
    assertEquals(
        List.of("phones/0000004", "phones/0000009"),
        claims.updates().stream().map(a -> a.member().client()).toList());
    assertEquals(new Member("phones", 6), claims.member());
    assertEquals(1, refused.size());
    assertTrue(refused.get(0).startsWith("phones/0000007: "), refused.get(0));
  }

  @Test
  void noClientCountsTwiceAndNoneIsLeftOut() throws Exception {
    Claims twice = claims(2);
    twice.chunk(update(SCHEMA, 0, 4));
    Record again = update(SCHEMA, 1, 4);
    assertEquals(
        "phones: its client 4 comes after 4, and nobody counts twice",
        assertThrows(SitsOut.class, () -> twice.chunk(again)).getMessage());
    Claims gap = claims(3);
    gap.chunk(update(SCHEMA, 0, 4));
    Record later = update(SCHEMA, 2, 8);
    assertThrows(SitsOut.class, () -> gap.chunk(later));
    Claims few = claims(3);
    few.chunk(update(SCHEMA, 0, 4));
    assertEquals(
        "phones: 1 of 3 clients' updates came whole",
        assertThrows(SitsOut.class, () -> few.end(manifest())).getMessage());
    Claims more = claims(1);
    more.chunk(update(SCHEMA, 0, 4));
    Record surplus = update(SCHEMA, 1, 5);
    assertThrows(SitsOut.class, () -> more.chunk(surplus));
  }

  @Test
  void theManifestSignsEveryUpdateAndNothingElse() throws Exception {
    Claims claims = claims(1);
    claims.chunk(update(SCHEMA, 0, 4));
    assertThrows(SitsOut.class, () -> claims.end(manifest("00")));
    Claims examples = claims(1);
    lines.setLength(0);
    chunks = 0;
    bytes = 0;
    examples.chunk(with(update(SCHEMA, 0, 4), "examples", "1000000"));
    assertEquals(
        "phones: its delivery is not the one that its manifest signs",
        assertThrows(SitsOut.class, () -> examples.end(manifest())).getMessage());
  }

  @Test
  void headersThatAreNoClaimAreNamed() throws Exception {
    Record record = update(SCHEMA, 0, 4);
    for (String header : List.of("claim", "client", "examples", "bytes")) {
      Record broken = with(record, header, "many");
      assertThrows(SitsOut.class, () -> claims(1).chunk(broken), header);
    }
    Claims nothing = claims(1);
    nothing.chunk(with(record, "examples", "0"));
    assertEquals(1, refused.size());
    assertThrows(SitsOut.class, () -> nothing.end(manifest()));
  }

  @Test
  void chunksOfADeliveryThatWasBegunBeforeArePassedOver() throws Exception {
    Claims claims = claims(1);
    claims.chunk(with(update(SCHEMA, 0, 3), Post.BEGIN, "2"));
    lines.setLength(0);
    chunks = 0;
    bytes = 0;
    claims.chunk(update(SCHEMA, 0, 4));
    claims.end(manifest());
    assertEquals("phones/0000004", claims.updates().get(0).member().client());
  }
}
