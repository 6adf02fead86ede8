package fedllm.api.transport;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.osgi.annotation.versioning.ProviderType;

/** Appends records to topics. */
@ProviderType
public interface Sender extends AutoCloseable {

  /**
   * Appends a record, each once and in order. Blocks while too much is on its way.
   *
   * @param headers readable with any tool: kind, run, round, ...
   * @param body the sender's from now on; at most {@link Transport#CHUNK_BYTES} bytes
   * @return the record's offset, once the log has it; fails with {@link
   *     fedllm.api.error.Unreachable}
   */
  CompletableFuture<Long> send(String topic, Map<String, String> headers, byte[] body);

  /** Waits until the log has everything; what was sent before and failed is thrown here. */
  @Override
  void close();
}
