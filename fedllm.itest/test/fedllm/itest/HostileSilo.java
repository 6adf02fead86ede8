package fedllm.itest;

import fedllm.api.planner.Task;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.format.Ed25519;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.SignedText;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.PluginInfo;
import fedllm.runtime.wire.Blocks;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.PayloadWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** A silo that speaks the wire by itself and answers each order with what it was told to. */
final class HostileSilo implements AutoCloseable {

  static final int PIECE = 1000;

  private final Topics topics = new Topics(PlainFederation.NAME);
  private final String name;
  private final Transport transport;
  private final List<PluginInfo> plugins;
  private final Answer answer;
  private final boolean uninvited;
  private final PrivateKey key = Ed25519.newPair().getPrivate();
  private volatile boolean closed;
  private Word.Begin begun;
  private Sender sender;
  private Post post;

  /** What it does with an order. */
  interface Answer {
    void to(HostileSilo silo, Event.Ordered order);
  }

  /**
   * Made, not yet running.
   *
   * @param uninvited whether it answers orders to others
   */
  HostileSilo(
      String name,
      Transport transport,
      List<PluginInfo> plugins,
      boolean uninvited,
      Answer answer) {
    this.name = name;
    this.transport = transport;
    this.plugins = plugins;
    this.uninvited = uninvited;
    this.answer = answer;
  }

  void run() {
    transport.create(topics.silo(name));
    try (Sender writer = transport.sender();
        Receiver receiver = transport.receiver()) {
      sender = writer;
      post = new Post(writer);
      receiver.follow(topics.control(), 0);
      say(new Word.Joined("nowhere", plugins, Ed25519.text(Ed25519.publicOf(key))));
      while (!closed) {
        for (Record record : receiver.poll(100)) {
          Event event = Json.read(Event.class, record.body());
          if (event instanceof Event.Ordered order
              && (uninvited || order.clients().containsKey(name))) {
            answer.to(this, order);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says a word; a manifest that is not signed yet is, as it should be. */
  void say(Word word) {
    Word said = word;
    if (word instanceof Word.Begin begin) {
      begun = begin;
    } else if (begun != null
        && word instanceof Word.Manifest manifest
        && manifest.signature().isEmpty()) {
      said = signed(key, manifest);
    }
    post.word(topics.silo(name), said);
  }

  /** A manifest as it should be. */
  Word.Manifest signed(Word.Manifest manifest) {
    return signed(key, manifest);
  }

  /** Says a manifest without a signature. */
  void unsealed(Word.Manifest manifest) {
    post.word(topics.silo(name), manifest);
  }

  /** A manifest with somebody's signature. */
  Word.Manifest signed(PrivateKey by, Word.Manifest manifest) {
    return SignedText.sign(by, topics.federation(), name, begun, manifest);
  }

  /** Writes any record. */
  void write(Map<String, String> headers, byte[] body) {
    Post.await(sender.send(topics.silo(name), headers, body));
  }

  void write(String text) {
    write(Map.of(Post.KIND, "begin"), text.getBytes(StandardCharsets.UTF_8));
  }

  void begin(Attempt attempt, long examples, String base) {
    say(new Word.Begin(attempt, Task.TRAIN, examples, base));
  }

  void chunks(Attempt attempt, byte[] payload) {
    for (int i = 0; i * PIECE < payload.length; i++) {
      chunk(attempt, payload, i);
    }
  }

  void chunk(Attempt attempt, byte[] payload, int i) {
    write(headers(attempt, payload, i), piece(payload, i));
  }

  static byte[] piece(byte[] payload, int i) {
    return Arrays.copyOfRange(payload, i * PIECE, Math.min(payload.length, (i + 1) * PIECE));
  }

  static Map<String, String> headers(Attempt attempt, byte[] payload, int i) {
    CRC32C crc = new CRC32C();
    crc.update(piece(payload, i));
    Map<String, String> headers = new HashMap<>();
    headers.put(Post.KIND, Post.CHUNK);
    headers.put("run", attempt.run());
    headers.put("attempt", "" + attempt.number());
    headers.put("chunk", "" + i);
    headers.put("crc32c", Long.toHexString(crc.getValue()));
    return headers;
  }

  void manifest(Attempt attempt, int chunks, byte[] payload) {
    say(words(attempt, chunks, payload));
  }

  static Word.Manifest words(Attempt attempt, int chunks, byte[] payload) {
    return new Word.Manifest(
        attempt, chunks, payload.length, sha256(payload), Map.of(), 0, 0, Map.of(), List.of(), "");
  }

  static int pieces(byte[] payload) {
    return (payload.length + PIECE - 1) / PIECE;
  }

  /** An upload as it should be, but for its payload and what it claims to have learned from. */
  void upload(Event.Ordered order, long examples, byte[] payload) {
    begin(order.attempt(), examples, order.base());
    chunks(order.attempt(), payload);
    manifest(order.attempt(), pieces(payload), payload);
  }

  static byte[] payload(Tensors tensors, FrameEncoder chain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      new PayloadWriter(chain)
          .write(1, tensors.schema(), Blocks.of(tensors), Map.of(), bytes::writeBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] payload(Schema schema) {
    return payload(new Tensors(schema), FrameEncoder.plain());
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
