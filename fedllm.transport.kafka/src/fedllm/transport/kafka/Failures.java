package fedllm.transport.kafka;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Unreachable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Says a failure of Kafka's client in the platform's words. */
record Failures(String bootstrap) {

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
    if (cause instanceof AuthenticationException) {
      return new Unreachable(
          "the broker at "
              + bootstrap
              + " does not accept who we are: check security.protocol, ssl.* and sasl.* in the"
              + " Kafka settings ("
              + cause.getMessage()
              + ")",
          cause);
    }
    if (cause instanceof AuthorizationException) {
      return new Unreachable(
          "the broker at "
              + bootstrap
              + " does not let us "
              + doing
              + ": its operator must allow it ("
              + cause.getMessage()
              + ")",
          cause);
    }
    if (cause instanceof RetriableException) {
      return new Unreachable(
          "could not "
              + doing
              + ": no broker answered at "
              + bootstrap
              + " in time. Check that it runs and that bootstrap.servers is right, and"
              + " security.protocol: a broker that expects TLS looks as if it were away",
          cause);
    }
    return new Unreachable(
        "could not " + doing + " at " + bootstrap + ": " + cause.getMessage(), cause);
  }
}
