package fedllm.transport.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Finds out what answers at a port. Kafka's client sees a broker that speaks TLS, where we do not,
 * only as one that never answers, and the other way round.
 */
final class Doorbell {

  private static final int PATIENCE_MS = 2000;

  /** What is there. */
  enum Answer {
    NOBODY,
    SILENCE,
    TLS,
    NO_TLS
  }

  private Doorbell() {}

  /** Rings at the first of {@code host:port,host:port}. */
  static Answer ring(String bootstrap) {
    String first = bootstrap.split(",", -1)[0].strip();
    int colon = first.lastIndexOf(':');
    InetSocketAddress address =
        new InetSocketAddress(
            first.substring(0, colon).replaceAll("[\\[\\]]", ""),
            Integer.parseInt(first.substring(colon + 1)));
    try (Socket socket = new Socket()) {
      socket.connect(address, PATIENCE_MS);
      socket.setSoTimeout(PATIENCE_MS);
      return handshake(socket, address);
    } catch (IOException e) {
      return Answer.NOBODY;
    }
  }

  private static Answer handshake(Socket socket, InetSocketAddress address) {
    try (SSLSocket tls =
        (SSLSocket)
            context()
                .getSocketFactory()
                .createSocket(socket, address.getHostString(), address.getPort(), true)) {
      tls.startHandshake();
      return Answer.TLS;
    } catch (SocketTimeoutException e) {
      return Answer.SILENCE;
    } catch (SSLException e) {
      // Only who speaks TLS sends an alert.
      return String.valueOf(e.getMessage()).contains("fatal alert") ? Answer.TLS : Answer.NO_TLS;
    } catch (IOException e) {
      return Answer.NO_TLS;
    }
  }

  /** Trusts anybody: nothing is said after the handshake. */
  private static SSLContext context() {
    TrustManager anybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {anybody}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK speaks TLS", e);
    }
  }
}
