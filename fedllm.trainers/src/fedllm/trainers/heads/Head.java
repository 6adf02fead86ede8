package fedllm.trainers.heads;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Required;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Targets;
import java.util.List;

/** Which of the trained tensors are the head. */
public final class Head {

  /** Options. */
  public @interface Config {

    /**
     * Names of what is trained and stays at the client: modules such as {@code score} or {@code
     * layers.4}, or tensors, whole or their last parts; {@code *} fits anything.
     */
    @Required
    String[] head() default {};
  }

  private final List<String> names;

  /** Of these names. */
  public Head(Config config) {
    names = List.of(config.head());
  }

  /** Whether a tensor belongs to it. */
  public boolean has(Tensor tensor) {
    Site named = new Site(Site.Kind.LINEAR, tensor.name(), 1, 1);
    return names.stream().anyMatch(name -> Targets.means(name, named));
  }

  /**
   * Lets tensors pass of which some are the head and some are not.
   *
   * @throws SitsOut where a name means nothing, or nothing would travel
   */
  void check(Schema trained) {
    for (String name : names) {
      Head alone = new Head(List.of(name));
      if (trained.tensors().stream().noneMatch(alone::has)) {
        throw new SitsOut(
            "trainer.head: "
                + name
                + " is nothing that is trained; trained are "
                + trained.tensors().stream().map(Tensor::name).toList());
      }
    }
    if (trained.tensors().stream().allMatch(this::has)) {
      throw new SitsOut("trainer.head names all that is trained, and nothing would travel");
    }
  }

  private Head(List<String> names) {
    this.names = names;
  }
}
