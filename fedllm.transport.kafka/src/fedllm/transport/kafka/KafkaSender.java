package fedllm.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Unreachable;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Appends with an idempotent producer, which brings every record into the log once and in order
 * over as many tries as that takes.
 */
final class KafkaSender implements Sender {

  /** A topic, as this sender knows it. */
  private static final class Lane {
    private boolean open;
  }

  private final KafkaProducer<byte[], byte[]> producer;
  private final Cluster cluster;
  private final Consumer<KafkaSender> onClose;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final AtomicReference<RuntimeException> failed = new AtomicReference<>();
  private final OnTheirWay onTheirWay = new OnTheirWay();
  private volatile boolean closed;

  KafkaSender(
      KafkaProducer<byte[], byte[]> producer, Cluster cluster, Consumer<KafkaSender> onClose) {
    this.producer = producer;
    this.cluster = cluster;
    this.onClose = onClose;
  }

  @Override
  public CompletableFuture<Long> send(String topic, Map<String, String> headers, byte[] body) {
    if (closed) {
      throw new IllegalStateException("the sender is closed; nothing goes to " + topic);
    }
    if (body.length > Transport.CHUNK_BYTES) {
      throw new IllegalArgumentException(
          body.length + " bytes for " + topic + "; a record has at most " + Transport.CHUNK_BYTES);
    }
    Lane lane = lanes.computeIfAbsent(topic, name -> new Lane());
    synchronized (lane) {
      if (!lane.open) {
        return first(lane, topic, headers, body);
      }
    }
    return append(topic, headers, body);
  }

  /**
   * The first record goes alone: onto a topic just created the producer of Kafka 4.3 may lose the
   * first of several batches (KAFKA-15591).
   */
  private CompletableFuture<Long> first(
      Lane lane, String topic, Map<String, String> headers, byte[] body) {
    try {
      cluster.require(topic);
    } catch (Unreachable e) {
      failed.compareAndSet(null, e);
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Long> answer = append(topic, headers, body);
    try {
      answer.get();
      lane.open = true;
    } catch (InterruptedException e) {
      throw cluster.failures().of("write to " + topic, e);
    } catch (ExecutionException e) {
      return answer; // which says so itself
    }
    return answer;
  }

  private CompletableFuture<Long> append(String topic, Map<String, String> headers, byte[] body) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    onTheirWay.started();
    try {
      var unused = // the callback says the same
          producer.send(
              new ProducerRecord<>(topic, Settings.PARTITION, null, null, body, wire(headers)),
              (record, failure) -> {
                if (failure == null) {
                  answer.complete(record.offset());
                } else {
                  RuntimeException said = cluster.failures().of("write to " + topic, failure);
                  failed.compareAndSet(null, said);
                  answer.completeExceptionally(said);
                }
                onTheirWay.ended();
              });
    } catch (InterruptException e) {
      onTheirWay.ended();
      throw cluster.failures().of("write to " + topic, e);
    }
    return answer;
  }

  /** As long as records arrive, it waits for the others; then what is left has failed. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = false;
    try {
      onTheirWay.awaitNone(Settings.ANSWER_MS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    producer.close(Duration.ZERO);
    onClose.accept(this);
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new Cancelled("interrupted while records were on their way");
    }
    RuntimeException failure = failed.get();
    if (failure != null) {
      throw failure;
    }
  }

  private static Headers wire(Map<String, String> headers) {
    Headers wire = new RecordHeaders();
    headers.forEach((name, value) -> wire.add(name, value.getBytes(UTF_8)));
    return wire;
  }

  /** Counts records that the log has not answered for. */
  private static final class OnTheirWay {
    private long started;
    private long ended;

    private synchronized void started() {
      started++;
    }

    private synchronized void ended() {
      ended++;
      notifyAll();
    }

    /** Gives up once none has ended for {@code patienceMs}. */
    private synchronized void awaitNone(long patienceMs) throws InterruptedException {
      long seen = -1;
      while (ended < started && seen != ended) {
        seen = ended;
        long deadline = System.nanoTime() + patienceMs * 1_000_000;
        long leftMs = patienceMs;
        while (seen == ended && leftMs > 0) {
          wait(leftMs);
          leftMs = (deadline - System.nanoTime() + 999_999) / 1_000_000;
        }
      }
    }
  }
}
