package fedllm.api.run;

/**
 * What a silo sent and nobody counted.
 *
 * @param run the run that it was for, or empty where nobody can say
 * @param round its round; -1 where nobody can say
 * @param silo who sent it
 * @param reason why it does not count
 * @param atMs when it was refused, since 1970
 * @param topic where it lies
 * @param offset where in the topic
 */
public record QuarantineView(
    String run, int round, String silo, String reason, long atMs, String topic, long offset) {}
