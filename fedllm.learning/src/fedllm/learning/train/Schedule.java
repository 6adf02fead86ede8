package fedllm.learning.train;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Work;

/**
 * The learning rate over the steps of a round, or of a run.
 *
 * @param form constant, linear or cosine
 * @param highest the rate after the warm-up
 * @param before steps that were taken in earlier rounds
 * @param steps all of them
 * @param rising those of the warm-up
 */
public record Schedule(String form, double highest, long before, long steps, long rising) {

  /** Options. */
  public @interface Config {

    /** How the learning rate falls: to zero, or not at all. */
    @OneOf({"constant", "linear", "cosine"})
    String schedule() default "constant";

    /** Over what it falls: each round alone, or the whole run. */
    @OneOf({"round", "run"})
    String scheduleOver() default "round";

    /** Share of the steps over which the learning rate first rises. */
    @Range(min = 0, max = 1)
    double warmup() default 0;
  }

  /**
   * The schedule of a round.
   *
   * @param highest the rate at its highest
   * @param perRound steps in each round
   */
  static Schedule of(Config config, double highest, long perRound, Work work) {
    long before = 0;
    long steps = perRound;
    if (config.scheduleOver().equals("run")) {
      if (work.rounds() < 1) {
        throw new SitsOut(
            "trainer.scheduleOver is run, but the job's protocol does not say how many rounds"
                + " there are; use round");
      }
      before = Math.max(0, work.round() - 1L) * perRound;
      steps = work.rounds() * perRound;
    }
    return new Schedule(
        config.schedule(), highest, before, steps, Math.round(config.warmup() * steps));
  }

  /** The rate of step {@code number} of the round, 0 for the first. */
  double at(long number) {
    long step = before + number;
    if (step < rising) {
      return highest * (step + 1) / rising;
    }
    double left = (double) Math.max(0, steps - step) / Math.max(1, steps - rising);
    return switch (form) {
      case "constant" -> highest;
      case "linear" -> highest * left;
      case "cosine" -> highest * 0.5 * (1 + StrictMath.cos(StrictMath.PI * (1 - left)));
      default -> throw new SitsOut("trainer.schedule is " + form + ": constant, linear or cosine");
    };
  }
}
