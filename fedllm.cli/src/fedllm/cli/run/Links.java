package fedllm.cli.run;

import java.nio.file.Path;

/**
 * How the nodes of a federation on this machine reach their broker.
 *
 * @param kafka properties of Kafka's clients for a broker that the job names, or null
 * @param secure whether the broker that is started here speaks mutual TLS and allows nothing but
 *     what each role needs
 */
public record Links(Path kafka, boolean secure) {

  /** A broker on loopback for this run alone, as whoever is on this machine may reach it. */
  public static final Links OPEN = new Links(null, false);
}
