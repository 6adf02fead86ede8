package fedllm.strategies.majority;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Ends;
import fedllm.api.random.Philox;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MajorityTest implements AggregationContract {

  private static final float NONE = -1;

  @Override
  public AggregationStrategy strategy() {
    return new Majority();
  }

  @Override
  public Schema state() {
    return schema(7, 5);
  }

  @Override
  public boolean keepsWhatAllAgreeOn() {
    return false; // votes become a tally
  }

  private static Schema schema(long questions, long votes) {
    return new Schema(
        List.of(new Tensor(Majority.ANSWERS, "tally", List.of(questions, votes, 4L))));
  }

  /** A vote. */
  private static float[] row(float answer, float similarity) {
    return new float[] {0, answer, 0, similarity};
  }

  private static float[] update(float[]... rows) {
    float[] update = new float[4 * rows.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, update, 4 * i, 4);
    }
    return update;
  }

  /** What members' votes on some questions make, so many votes a question. */
  private static float[] count(int votes, List<float[]> updates) {
    int questions = updates.get(0).length / votes / 4;
    Schema schema = schema(questions, votes);
    List<Member> members = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    for (float[] update : updates) {
      Member member = new Member("silo-" + members.size(), 1);
      members.add(member);
      parts.add(new OnePart(member, schema.tensors(), update));
    }
    Block out = new Block();
    out.reset(updates.get(0).length);
    new Majority()
        .open(TestOptions.none(), new Round(1, members, schema, Samples.SCOPE))
        .fold(Unit.of(schema.tensors()), parts, out);
    float[] tally = new float[out.length()];
    out.copyTo(tally);
    return tally;
  }

  @Test
  void theMostFrequentAnswerWinsWithItsShareOfTheVotes() {
    float[] one = update(row(7, 1), row(5, 0.5f), row(7, 0.4f), row(9, NONE));
    assertArrayEquals(
        update(row(7, 2 / 3f), row(5, 1 / 3f), row(0, 0), row(0, 0)), count(4, List.of(one)));
  }

  @Test
  void onATieTheMostSimilarQuestionWins() {
    float[] votes = update(row(0, NONE), row(5, 0.5f), row(8, 0.9f), row(5, 0.2f), row(8, 0.1f));
    assertArrayEquals(row(8, 0.5f), Arrays.copyOf(count(5, List.of(votes)), 4));
  }

  @Test
  void oneVoteForEachQuestionIsPlainPrompting() {
    float[] asked = update(row(11, 1), row(12, 1), row(13, NONE));
    assertArrayEquals(
        update(row(11, 1), row(12, 1), row(0, 0)), count(1, List.of(asked, asked, asked)));
  }

  @Test
  void whatEveryMemberAsksIsOneVote() {
    float[] first = update(row(3, 1), row(4, 0.9f), row(0, NONE));
    float[] second = update(row(3, 1), row(4, 0.8f), row(0, NONE));
    float[] third = update(row(3, 1), row(0, NONE), row(0, NONE));
    assertArrayEquals(
        update(row(4, 2 / 3f), row(3, 1 / 3f), row(0, 0)), count(3, List.of(first, second, third)));
  }

  @Test
  void onlyTheNearestQuestionsOfTheWholeFederationVote() {
    float[] far = update(row(0, NONE), row(1, 0.3f), row(1, 0.2f));
    float[] near = update(row(0, NONE), row(2, 0.9f), row(2, 0.8f));
    assertArrayEquals(
        update(row(2, 2 / 3f), row(1, 1 / 3f), row(0, 0)), count(3, List.of(far, near)));
  }

  @Test
  void theOrderOfMembersAndVotesDoesNotMatter() {
    Philox random = Philox.of(1, 0, "", 0, "votes");
    List<float[]> updates = new ArrayList<>();
    for (int member = 0; member < 6; member++) {
      float[][] rows = new float[8][];
      for (int i = 0; i < 8; i++) {
        int at = 3 * (8 * member + i);
        float similarity = i == 0 ? 1 : random.below(at, 5) / 8f;
        rows[i] = row(random.below(at + 1, 4), random.below(at + 2, 5) == 0 ? NONE : similarity);
      }
      updates.add(update(rows));
    }
    float[] tally = count(8, updates);
    List<float[]> other = new ArrayList<>();
    for (int member : new int[] {3, 0, 5, 1, 4, 2}) {
      float[] from = updates.get(member);
      float[] to = from.clone();
      for (int i = 1; i < 8; i++) {
        System.arraycopy(from, 4 * i, to, 4 * (8 - i), 4);
      }
      other.add(to);
    }
    assertArrayEquals(tally, count(8, other));
  }

  /**
   * With voters that are right with p independently, and two answers, a majority of S is right with
   * Σ_{k > S/2} C(S, k) p^k (1 - p)^(S - k).
   */
  @Test
  void withVotersThatAreOftenerRightThanWrongAccuracyRisesByTheBinomialFormula() {
    double p = 0.6;
    int questions = 4000;
    double before = 0;
    for (int votes : new int[] {1, 3, 9, 25}) {
      Philox random = Philox.of(2, votes, "", 0, "voters");
      float[][] rows = new float[questions * votes][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = row(random.uniform(i) < p ? 42 : 17, 1 - (i % votes) / 100f);
      }
      float[] tally = count(votes, List.of(update(rows)));
      long right =
          IntStream.range(0, questions).filter(q -> tally[4 * votes * q + 1] == 42).count();
      double accuracy = (double) right / questions;
      double expected = majority(votes, p);
      double deviation = Math.sqrt(expected * (1 - expected) / questions);
      assertEquals(expected, accuracy, 4 * deviation, votes + " votes");
      assertTrue(accuracy > before, votes + " votes");
      before = accuracy;
    }
  }

  private static double majority(int votes, double p) {
    double sum = 0;
    double term = Math.pow(1 - p, votes); // of k = 0
    for (int k = 0; k <= votes; k++) {
      sum += 2 * k > votes ? term : 0;
      term *= (votes - k) * p / ((k + 1) * (1 - p));
    }
    return sum;
  }

  @Test
  void anUpdateHoldsVotesAndNothingElseAndAStateWithoutQuestionsIsRefused() {
    Tensor tally = schema(7, 5).tensors().get(0);
    Schema state =
        new Schema(List.of(new Tensor("fedllm.questions", "text", List.of(7L, 40L)), tally));
    assertEquals(
        List.of(tally), new Majority().update(TestOptions.none(), state, Map.of()).tensors());
    Ends ends =
        assertThrows(
            Ends.class, () -> new Majority().update(TestOptions.none(), Samples.SCHEMA, Map.of()));
    assertTrue(ends.getMessage().contains("fedspsc"), ends.getMessage());
  }
}
