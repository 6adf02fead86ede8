package fedllm.learning.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.plugin.Scope;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.objective.Objective;
import java.util.List;

/** A way to make an objective smaller, step by step, at one client. Used by one thread. */
public interface Descent {

  /** The learning rate at its highest. */
  double learningRate();

  /**
   * What it needs in the model's script.
   *
   * @throws fedllm.api.error.SitsOut when its options do not suit the objective
   */
  List<Part> parts(Objective.Goal goal);

  /**
   * Begins a round.
   *
   * @param memory what {@link Steps#memory} was after the round before; empty where nothing is kept
   */
  Steps begin(Round round, List<float[]> memory);

  /**
   * A round, as steps see it.
   *
   * @param owner of arrays that live as long as the round
   * @param values what is trained, the list argument {@code p}, changed by steps
   * @param start the same as it was when the round began, the list argument {@code start}
   * @param number which round it is
   * @param moving which of the values steps move
   * @param corrections of their gradients
   */
  record Round(
      LanguageModel model,
      Objective.Goal goal,
      NDManager owner,
      NDList values,
      NDList start,
      Scope scope,
      int number,
      Moving moving,
      Corrections.AtWork corrections) {

    /** The loss of a lesson as the model is now, without a gradient. */
    public double loss(Lesson lesson) {
      double all = lesson.pieces().stream().mapToDouble(p -> goal.weight(p.batch())).sum();
      double loss = 0;
      for (Lesson.Piece piece : lesson.pieces()) {
        double share = goal.weight(piece.batch()) / all;
        if (share > 0) {
          try (NDManager part = owner.newSubManager()) {
            NDList result = model.call(part, "loss", false, piece.batch(), values, start);
            loss += share * result.head().getDouble();
          }
        }
      }
      return loss;
    }
  }

  /** The steps of one round. Used by one thread. */
  interface Steps {

    /**
     * Takes a step.
     *
     * @return the loss before it
     */
    double take(Lesson lesson, double rate);

    /** What the steps of the next round may go on from. */
    default List<float[]> memory() {
      return List.of();
    }
  }
}
