package fedllm.strategies.majority;

import fedllm.api.tensor.Block;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The votes on one question. What it says depends on the votes alone, in whatever order they come.
 */
final class Ballot {

  private final List<Vote> own = new ArrayList<>();
  private final List<Vote> others = new ArrayList<>();

  /** An answer: three numbers that mean whatever the voters agreed on. */
  private record Answer(float a, float b, float c) implements Comparable<Answer> {

    private static final Comparator<Answer> ORDER =
        Comparator.comparingDouble(Answer::a)
            .thenComparingDouble(Answer::b)
            .thenComparingDouble(Answer::c);

    @Override
    public int compareTo(Answer other) {
      return ORDER.compare(this, other);
    }
  }

  private record Vote(Answer answer, float similarity) {}

  /** How many are for an answer, in parts of a vote, and the most similar question among them. */
  private record Count(Answer answer, long votes, float similarity) {

    Count plus(Count other) {
      return new Count(answer, votes + other.votes, Math.max(similarity, other.similarity));
    }
  }

  /**
   * Takes the row at a place; one whose similarity is none is no vote.
   *
   * @param itself whether the question itself was asked
   */
  void add(float[] values, int at, boolean itself) {
    float similarity = values[at + 3];
    if (!(similarity >= 0 && similarity <= 1)) {
      return;
    }
    // A negative zero is no other answer.
    Answer answer = new Answer(values[at] + 0f, values[at + 1] + 0f, values[at + 2] + 0f);
    (itself ? own : others).add(new Vote(answer, itself ? 1 : similarity));
  }

  /** Counts the nearest votes, and writes a row for each answer that was voted for. */
  void count(int most, Block out, int at) {
    others.sort(
        Comparator.comparingDouble(Vote::similarity).reversed().thenComparing(Vote::answer));
    List<Vote> nearest =
        others.subList(0, Math.min(others.size(), own.isEmpty() ? most : most - 1));
    long parts = Math.max(1, own.size()); // of a vote, so that all of the question's own are one
    Map<Answer, Count> counts = new TreeMap<>();
    own.forEach(vote -> add(counts, vote, 1));
    nearest.forEach(vote -> add(counts, vote, parts));
    List<Count> ranked = new ArrayList<>(counts.values());
    ranked.sort(
        Comparator.comparingLong(Count::votes)
            .reversed()
            .thenComparing(Comparator.comparingDouble(Count::similarity).reversed())
            .thenComparing(Count::answer));
    long all = counts.values().stream().mapToLong(Count::votes).sum();
    for (int i = 0; i < Math.min(most, ranked.size()); i++) {
      Count count = ranked.get(i);
      int row = at + i * Majority.ROW;
      out.set(row, count.answer().a());
      out.set(row + 1, count.answer().b());
      out.set(row + 2, count.answer().c());
      out.set(row + 3, (double) count.votes() / all);
    }
  }

  private static void add(Map<Answer, Count> counts, Vote vote, long parts) {
    counts.merge(vote.answer(), new Count(vote.answer(), parts, vote.similarity()), Count::plus);
  }
}
