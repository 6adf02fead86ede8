package fedllm.trainers.fedbpt;

import ai.djl.ndarray.NDManager;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.cmaes.CmaEs;
import fedllm.learning.base.Part;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.seeds.Replay;
import fedllm.learning.text.Batch;
import fedllm.learning.train.Descent;
import fedllm.learning.train.Lesson;
import java.util.Arrays;
import java.util.List;

/** A client's own steps of the search. */
final class Search implements Descent {

  private final FedBpt.Config config;
  private final Replay projection;
  private Tensors first;
  private CmaEs search;
  private Tried tried;

  Search(FedBpt.Config config, Replay projection) {
    this.config = config;
    this.projection = projection;
  }

  /**
   * What was tried last.
   *
   * @param sigma by which the solutions were drawn
   * @param spread its square, and of each step before what the mean may have moved by
   */
  record Tried(double[][] solutions, double[] losses, double sigma, double spread) {}

  /** Where the next round begins; {@code p0} is where the adapter did. */
  void begin(CmaEs at, Tensors p0) {
    search = at;
    first = p0;
    tried = null;
  }

  /** How a solution becomes an adapter. */
  Replay projection() {
    return projection;
  }

  Tried tried() {
    return tried;
  }

  /** The adapter of a solution. */
  Tensors adapter(Tensors p0, float[] z) {
    return projection.of(p0, z, (what, done, of) -> {});
  }

  @Override
  public double learningRate() {
    return 1; // the search has a step of its own
  }

  @Override
  public List<Part> parts(Objective.Goal goal) {
    return List.of(Gradient.loss(goal));
  }

  @Override
  public Steps begin(Round round, List<float[]> memory) {
    return (lesson, rate) -> {
      double[][] solutions =
          search.ask(
              config.population(),
              round.scope().random(round.number(), lesson.step(), "solutions"));
      Lesson other = config.perturbed() > 0 ? perturbed(round, lesson) : null;
      double[] losses = new double[solutions.length];
      double sum = 0;
      for (int k = 0; k < solutions.length; k++) {
        try (NDManager part = round.owner().newSubManager()) {
          Round at = at(round, part, solutions[k]);
          double loss = at.loss(lesson);
          sum += loss;
          losses[k] = other == null ? loss : loss / at.loss(other);
        }
      }
      double sigma = search.sigma();
      // A mean of so many parents moves by a share of what each solution does.
      int parents = Math.max(1, solutions.length / 2);
      double before =
          tried == null ? 0 : tried.spread() - tried.sigma() * tried.sigma() * (1 - 1.0 / parents);
      tried = new Tried(solutions, losses, sigma, before + sigma * sigma);
      search.tell(solutions, losses);
      return sum / solutions.length;
    };
  }

  private Round at(Round round, NDManager owner, double[] solution) {
    float[] z = new float[solution.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = (float) solution[i];
    }
    Tensors adapter = adapter(first, z);
    return new Round(
        round.model(),
        round.goal(),
        owner,
        round.model().list(owner, "p", adapter),
        round.start(),
        round.scope(),
        round.number(),
        round.moving(),
        round.corrections());
  }

  private Lesson perturbed(Round round, Lesson lesson) {
    Philox random = round.scope().random(round.number(), lesson.step(), "other tokens");
    int vocabulary = round.model().base().architecture().vocabulary();
    long[] position = {0};
    return new Lesson(
        lesson.step(),
        lesson.pieces().stream().map(piece -> piece(piece, random, vocabulary, position)).toList());
  }

  private Lesson.Piece piece(Lesson.Piece piece, Philox random, int vocabulary, long[] position) {
    Batch batch = piece.batch();
    long[] ids = Arrays.copyOf(batch.ids(), batch.ids().length);
    for (int i = 0; i < ids.length; i++, position[0] += 2) {
      boolean text = batch.segments()[i] != 0 && ids[i] >= 0;
      if (text && random.uniform(position[0]) < config.perturbed()) {
        ids[i] = random.below(position[0] + 1, vocabulary);
      }
    }
    return new Lesson.Piece(
        new Batch(
            batch.rows(),
            batch.length(),
            ids,
            batch.segments(),
            batch.types(),
            batch.labels(),
            batch.packed(),
            batch.tokens(),
            batch.targets()),
        piece.examples(),
        piece.from());
  }
}
