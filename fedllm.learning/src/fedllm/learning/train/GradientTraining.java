package fedllm.learning.train;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;

/**
 * A training whose steps follow gradients, for others to build on: they say where it starts, which
 * lessons and tensors it goes by, and what corrects the gradients. It is {@code Stateful} where its
 * optimizer remembers. One thread.
 */
public interface GradientTraining extends Training {

  /**
   * Goes through a round's lessons in one way.
   *
   * @param from the values of all that is trained, not to be changed
   * @return how far they moved, whatever the order asks for
   */
  Learned train(Work work, Tensors from, Phase phase);

  /** The same whose phases are changed first. Closing either closes both. */
  GradientTraining with(Phase.Change change);

  /**
   * Where a way ended that started from these values.
   *
   * @throws SitsOut where the order gave the client other shapes than those
   */
  static Tensors end(Tensors from, Learned learned) {
    if (!learned.update().schema().equals(from.schema())) {
      throw new SitsOut(
          "the order gives this client shapes of its own, such as a rank; its trainer needs those"
              + " of the global state: take a planner that gives all the same");
    }
    return from.copy().plus(learned.update());
  }

  /**
   * Opens the trainer that the option {@code of} names.
   *
   * @throws SitsOut where it follows no gradient
   */
  static GradientTraining of(Options options, Site site) {
    Choice<Trainer> of = options.choice("of", Trainer.class);
    Training training = of.plugin().open(of.options(), site);
    if (training instanceof GradientTraining gradients) {
      return gradients;
    }
    training.close();
    throw new SitsOut(
        "trainer.of names "
            + of.plugin().getClass().getSimpleName()
            + ", which follows no gradient that could be corrected; name one that does, such as"
            + " adamw or sgd");
  }
}
