package fedllm.transport.kafka;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Forbidden;
import fedllm.api.error.Unreachable;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Says a failure of Kafka's client in the platform's words, and never a secret. */
record Failures(String bootstrap, Credentials credentials) {

  /**
   * Never returns null.
   *
   * @param doing what failed and on what, such as "write to a.topic"
   */
  RuntimeException of(String doing, Throwable failure) {
    Throwable cause = failure instanceof ExecutionException ? failure.getCause() : failure;
    if (cause instanceof InterruptException || cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new Cancelled("interrupted: could not " + doing, cause);
    }
    if (cause instanceof InvalidTopicException) {
      return new IllegalArgumentException(
          "cannot " + doing + ": names have letters, digits, '.', '_' and '-' only", cause);
    }
    if (cause instanceof UnknownTopicOrPartitionException) {
      return new IllegalArgumentException("cannot " + doing + ": create the topic first", cause);
    }
    if (cause instanceof OffsetOutOfRangeException) {
      return new IllegalArgumentException("cannot " + doing + ": no such offset", cause);
    }
    if (cause instanceof SslAuthenticationException) {
      return new Unreachable("no TLS with the broker at " + bootstrap + ": " + tls(cause), cause);
    }
    if (cause instanceof AuthenticationException) {
      return new Unreachable(
          "the broker at "
              + bootstrap
              + " does not accept "
              + credentials.principal()
              + ": check user and password in sasl.jaas.config, sasl.mechanism and"
              + " security.protocol ("
              + said(cause)
              + ")",
          cause);
    }
    if (cause instanceof AuthorizationException) {
      return new Forbidden(
          "the broker at "
              + bootstrap
              + " does not let "
              + credentials.principal()
              + " "
              + doing
              + " (operation "
              + operation(doing)
              + "): its operator must allow it",
          credentials.principal(),
          cause);
    }
    if (cause instanceof RetriableException) {
      return new Unreachable(
          "could not "
              + doing
              + ": no broker answered at "
              + bootstrap
              + " in time. "
              + whyNoAnswer(),
          cause);
    }
    return new Unreachable("could not " + doing + " at " + bootstrap + ": " + said(cause), cause);
  }

  private String said(Throwable cause) {
    return credentials.withoutSecrets(String.valueOf(cause.getMessage()));
  }

  private static String operation(String doing) {
    return switch (doing.split(" ", 2)[0]) {
      case "write" -> "WRITE";
      case "read" -> "READ";
      case "create" -> "CREATE";
      case "alter" -> "ALTER";
      case "delete", "forget" -> "DELETE";
      default -> "DESCRIBE";
    };
  }

  private String whyNoAnswer() {
    Doorbell.Answer there = Doorbell.ring(bootstrap);
    String has = "security.protocol is " + credentials.protocol();
    if (there == Doorbell.Answer.TLS && !credentials.tls()) {
      return "It speaks TLS, and "
          + has
          + ": set it to "
          + (credentials.sasl() ? "SASL_SSL" : "SSL (or SASL_SSL, where it wants a password)");
    }
    if (there == Doorbell.Answer.NO_TLS && credentials.tls()) {
      return "It does not speak TLS, and "
          + has
          + ": bootstrap.servers names another of its ports, or set "
          + (credentials.sasl() ? "SASL_PLAINTEXT" : "PLAINTEXT");
    }
    if (there == Doorbell.Answer.TLS) {
      return "It speaks TLS, so it may only be slow; if not, does it want "
          + (credentials.sasl() ? "SSL" : "SASL_SSL")
          + " as security.protocol?";
    }
    return "Check that it runs and that bootstrap.servers is right, and security.protocol: a broker"
        + " that expects TLS looks as if it were away";
  }

  private static String tls(Throwable failure) {
    String said = "";
    boolean path = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException) {
        return "its certificate has expired (" + cause.getMessage() + ")";
      }
      said = String.valueOf(cause.getMessage());
      if (said.contains("subject alternative") || said.contains("No name matching")) {
        return "its certificate is of another host than bootstrap.servers names (" + said + ")";
      }
      path |= said.contains("PKIX path");
    }
    if (path) {
      return "no authority in ssl.truststore.location signed its certificate (" + said + ")";
    }
    String alert = said.toLowerCase(Locale.ROOT);
    if (alert.contains("certificate_expired")) {
      return "it says that our certificate has expired";
    }
    if (alert.contains("certificate") || alert.contains("unknown_ca")) {
      return "it does not accept our certificate: ssl.keystore.location must hold one that an"
          + " authority of the broker's signed ("
          + said
          + ")";
    }
    if (alert.contains("handshake_failure") || alert.contains("insufficient_security")) {
      return "it takes none of our ciphers: ssl.cipher.suites, AES with 128 bits where nothing is"
          + " said ("
          + said
          + ")";
    }
    return "check security.protocol and ssl.* in the Kafka settings (" + said + ")";
  }
}
