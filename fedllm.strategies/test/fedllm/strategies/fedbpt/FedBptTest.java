package fedllm.strategies.fedbpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.random.Philox;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.cmaes.CmaEs;
import fedllm.cmaes.SearchState;
import fedllm.strategies.population.Population;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedBptTest {

  private static final int D = 6;
  private static final int N = 8;
  private static final SearchState SEARCH = new SearchState(D, N);
  private static final Schema STATE = state();

  private static Schema state() {
    List<Tensor> tensors = new ArrayList<>(SEARCH.tensors());
    tensors.add(new Tensor("seeds", "sums", List.of((long) D)));
    return new Schema(tensors);
  }

  /** A client's solutions and losses; it draws them by one σ, or by several one after the other. */
  private record Sent(double[][] solutions, double[] losses, double spread, double last) {}

  private static float[] values(CmaEs search) {
    float[] values = new float[STATE.modules().get(0).length()];
    SEARCH.write(search, new double[0], values);
    return values;
  }

  private static Schema combined(int clients) {
    Population population = new Population();
    Schema update = population.update(TestOptions.none(), STATE, Map.of());
    List<Member> members = new ArrayList<>();
    for (int k = 0; k < clients; k++) {
      members.add(new Member("client-" + k, 1 + k));
    }
    Round round = new Round(1, members, Collections.nCopies(clients, update), STATE, Samples.SCOPE);
    return population.combined(TestOptions.none(), round);
  }

  /** The next state: its search, and its mean as the adapter has it. */
  private static float[][] step(Map<String, ?> options, CmaEs before, List<Sent> sent) {
    Schema combined = combined(sent.size());
    Descent descent =
        new FedBpt().open(TestOptions.of(FedBpt.Config.class, options), Samples.SCOPE);
    descent.begin(1);
    assertEquals(STATE, descent.next(STATE, combined));
    float[] update = new float[combined.modules().get(0).length()];
    int at = 0;
    for (Sent one : sent) {
      for (double[] solution : one.solutions()) {
        for (double x : solution) {
          update[at++] = (float) x;
        }
      }
    }
    for (Sent one : sent) {
      for (double loss : one.losses()) {
        update[at++] = (float) loss;
      }
    }
    for (Sent one : sent) {
      update[at++] = (float) one.spread();
      update[at++] = (float) (one.last() * one.last());
    }
    float[] global = values(before);
    float[] globalBefore = global.clone();
    float[] updateBefore = update.clone();
    float[][] next = {new float[global.length], new float[D]};
    List<Unit> modules = STATE.modules();
    descent.step(modules.get(0), global, update, next[0]);
    descent.step(modules.get(1), new float[D], new float[D], next[1]);
    assertArrayEquals(globalBefore, global, "the state was changed");
    assertArrayEquals(updateBefore, update, "the update was changed");
    return next;
  }

  private static CmaEs begin() {
    return new CmaEs(new double[] {1, 2, 3, -1, -2, 0.5}, 0.25);
  }

  /** As they travel, in 32 bits. */
  private static double[][] ask(CmaEs search, int seed) {
    double[][] solutions = search.ask(N, new Philox(seed));
    for (double[] solution : solutions) {
      for (int i = 0; i < solution.length; i++) {
        solution[i] = (float) solution[i];
      }
    }
    return solutions;
  }

  private static double[] losses(double[][] solutions) {
    double[] losses = new double[solutions.length];
    for (int k = 0; k < losses.length; k++) {
      for (double x : solutions[k]) {
        losses[k] += x * x;
      }
      losses[k] = (float) losses[k];
    }
    return losses;
  }

  private static Sent once(CmaEs search, int seed) {
    double[][] solutions = ask(search, seed);
    double sigma = search.sigma();
    return new Sent(solutions, losses(solutions), sigma * sigma, sigma);
  }

  @Test
  void isPlainCmaEsWithOneClientThatTakesOneStep() {
    Sent sent = once(begin(), 3);
    CmaEs plain = begin();
    plain.tell(sent.solutions(), sent.losses());
    float[][] next = step(Map.of(), begin(), List.of(sent));
    float[] expected = values(plain);
    assertArrayEquals(expected, zeroBest(next[0]), 1e-6f);
    for (int i = 0; i < D; i++) {
      assertEquals((float) plain.mean()[i], next[1][i]);
    }
  }

  private static float[] zeroBest(float[] values) {
    for (int k = values.length - N; k < values.length; k++) {
      assertTrue(k == values.length - N || values[k] >= values[k - 1], "best first");
      values[k] = 0;
    }
    return values;
  }

  @Test
  void isToldOfAllClientsSolutionsTogether() {
    List<Sent> sent = List.of(once(begin(), 3), once(begin(), 4));
    CmaEs plain = begin();
    double[][] solutions = new double[2 * N][];
    double[] losses = new double[2 * N];
    for (int k = 0; k < 2 * N; k++) {
      solutions[k] = sent.get(k / N).solutions()[k % N];
      losses[k] = sent.get(k / N).losses()[k % N];
    }
    plain.tell(solutions, losses, 5);
    float[][] next = step(Map.of("parents", 5), begin(), sent);
    assertArrayEquals(values(plain), zeroBest(next[0]), 1e-6f);
  }

  /** Clients that took steps before spread further than the σ that they end with. */
  @Test
  void sigmaGoesOnFromTheClientsByAsMuchAsTheServersGrew() {
    double[][] solutions = ask(begin(), 5);
    Sent one = new Sent(solutions, losses(solutions), 0.09, 0.2);
    Sent other = new Sent(solutions, losses(solutions), 0.07, 0.1);
    CmaEs plain = begin();
    double before = Math.sqrt((0.09 + 0.07) / 2);
    plain.sigma(before);
    double[][] both = new double[2 * N][];
    double[] losses = new double[2 * N];
    for (int k = 0; k < 2 * N; k++) {
      both[k] = solutions[k % N];
      losses[k] = one.losses()[k % N];
    }
    plain.tell(both, losses);
    double last = Math.sqrt((0.2 * 0.2 + 0.1 * 0.1) / 2);
    double expected = last * plain.sigma() / before;
    float[] next = step(Map.of(), begin(), List.of(one, other))[0];
    assertEquals(expected, SEARCH.read(next).sigma(), 1e-6);
    float[] held = step(Map.of("floor", 0.5), begin(), List.of(one, other))[0];
    assertEquals(0.5, SEARCH.read(held).sigma(), "the published guards let 0.3 stay 0.3");
  }

  @Test
  void findsTheMiddleOfASphereRoundByRound() {
    CmaEs search = begin();
    double loss = 1;
    for (int round = 0; round < 400 && loss > 1e-8; round++) {
      float[] next =
          step(Map.of(), search, List.of(once(search, 2 * round), once(search, 2 * round + 1)))[0];
      search = SEARCH.read(next);
      loss = losses(new double[][] {search.mean()})[0];
    }
    assertTrue(loss <= 1e-8, "left at " + loss);
  }

  @Test
  void refusesWhatIsNoSearch() {
    Descent descent = new FedBpt().open(TestOptions.none(), Samples.SCOPE);
    Ends ends = assertThrows(Ends.class, () -> descent.next(STATE, STATE));
    assertTrue(ends.getMessage().contains("strategy population"), ends.getMessage());
  }
}
