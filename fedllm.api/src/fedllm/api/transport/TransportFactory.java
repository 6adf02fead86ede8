package fedllm.api.transport;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Opens transports; the service that a node asks for. Safe for many threads. */
@ProviderType
public interface TransportFactory {

  /**
   * Opens a transport; does not wait for a broker.
   *
   * @param settings where the broker is and how to speak to it, as its client's own documentation
   *     names them, such as {@code bootstrap.servers}
   * @throws fedllm.api.error.Refused when a setting is missing or cannot be used; names it
   */
  Transport open(Map<String, String> settings);
}
