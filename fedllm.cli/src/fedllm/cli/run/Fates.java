package fedllm.cli.run;

import fedllm.cli.node.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What becomes of silos' processes: who is started again and who is given up. Used by one thread.
 */
final class Fates {

  private final Map<String, String> givenUp = new TreeMap<>();
  private final Set<String> joined = new HashSet<>();
  private final Revivals revivals = new Revivals();
  private final List<String> news = new ArrayList<>();

  /** These were there, once. */
  void joined(Collection<String> silos) {
    joined.addAll(silos);
  }

  /**
   * A silo's process has ended; answers whether to start it again. One that never joined has a
   * reason that a second start would find again, and one that was told to end ends.
   */
  boolean comesBack(Node silo) {
    if (joined.contains(silo.name())
        && !silo.endedInOrder()
        && revivals.mayStart(silo.name(), System.nanoTime() / 1_000_000)) {
      news.add("the silo " + silo.name() + ": " + silo.ending() + "; it is started again");
      return true;
    }
    givenUp.put(silo.name(), silo.ending());
    news.add(silo.lastWords());
    return false;
  }

  /** Those that are given up, and how they ended. */
  Map<String, String> givenUp() {
    return givenUp;
  }

  /** What nobody was told yet. */
  List<String> news() {
    List<String> told = List.copyOf(news);
    news.clear();
    return told;
  }
}
