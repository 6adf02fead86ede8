package fedllm.trainers.adamw;

import fedllm.api.error.SitsOut;

/** The learning rate over a round's steps. */
record Schedule(String form, double highest, long steps, long rising) {

  static Schedule of(AdamW.Config config, long steps) {
    return new Schedule(
        config.schedule(), config.learningRate(), steps, Math.round(config.warmup() * steps));
  }

  /** The rate of step {@code step}, 0 for the first. */
  double at(long step) {
    if (step < rising) {
      return highest * (step + 1) / rising;
    }
    double left = (double) (steps - step) / Math.max(1, steps - rising);
    return switch (form) {
      case "constant" -> highest;
      case "linear" -> highest * left;
      case "cosine" -> highest * 0.5 * (1 + StrictMath.cos(StrictMath.PI * (1 - left)));
      default -> throw new SitsOut("trainer.schedule is " + form + ": constant, linear or cosine");
    };
  }
}
