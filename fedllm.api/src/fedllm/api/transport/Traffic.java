package fedllm.api.transport;

/**
 * Bytes that went over the wire.
 *
 * @param sent out of this process
 * @param received into this process
 */
public record Traffic(long sent, long received) {

  /** What came since an earlier count. */
  public Traffic since(Traffic earlier) {
    return new Traffic(sent - earlier.sent, received - earlier.received);
  }
}
