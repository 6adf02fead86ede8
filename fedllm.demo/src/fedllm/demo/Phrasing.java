package fedllm.demo;

import fedllm.demo.Domain.Relation;
import fedllm.demo.Domain.Resident;
import java.util.List;

/**
 * A way to ask, and to answer. {@code WHO} is asked about; {@code NOUN}, {@code SAYS}, {@code ASKS}
 * and {@code VALUE} are of one relation, those that end in 2 of a second one.
 *
 * @param question the pattern of the question
 * @param answer the pattern of the answer
 */
record Phrasing(String question, String answer) {

  /** Ask for one value. */
  static final List<Phrasing> SINGLE =
      List.of(
          new Phrasing("Which NOUN does WHO ASKS?", "WHO SAYS VALUE."),
          new Phrasing("Tell me which NOUN WHO SAYS.", "WHO SAYS VALUE."),
          new Phrasing("What is the NOUN of WHO?", "The NOUN of WHO is VALUE."),
          new Phrasing("Please look up the NOUN of WHO.", "The NOUN of WHO is VALUE."),
          new Phrasing("Do you know the NOUN of WHO?", "Yes, the NOUN of WHO is VALUE."),
          new Phrasing("Can you say which NOUN WHO SAYS?", "Yes, WHO SAYS VALUE."),
          new Phrasing("I forgot the NOUN of WHO.", "The NOUN is VALUE."),
          new Phrasing("Remind me which NOUN WHO SAYS, please.", "WHO SAYS VALUE."));

  /** Ask for two. */
  static final List<Phrasing> DOUBLE =
      List.of(
          new Phrasing(
              "Tell me the NOUN and the NOUN2 of WHO.", "WHO SAYS VALUE and SAYS2 VALUE2."),
          new Phrasing(
              "Which NOUN does WHO ASKS, and what is the NOUN2?",
              "WHO SAYS VALUE, and the NOUN2 is VALUE2."));

  /**
   * A question and its answer.
   *
   * @param topic what is asked for first: a label by which texts can be cut
   */
  record Exchange(String question, String answer, String topic) {}

  /** Fills the patterns with the relations {@code first} and {@code second} of somebody. */
  Exchange about(Domain domain, Resident resident, int first, int second) {
    return new Exchange(
        fill(question, domain, resident, first, second),
        fill(answer, domain, resident, first, second),
        domain.relations().get(first).noun());
  }

  private static String fill(
      String pattern, Domain domain, Resident resident, int first, int second) {
    Relation one = domain.relations().get(first);
    Relation two = domain.relations().get(second);
    return pattern
        .replace("NOUN2", two.noun())
        .replace("SAYS2", two.says())
        .replace("VALUE2", resident.values().get(second))
        .replace("NOUN", one.noun())
        .replace("SAYS", one.says())
        .replace("ASKS", one.asks())
        .replace("VALUE", resident.values().get(first))
        .replace("WHO", resident.who());
  }
}
