package fedllm.learning.measure;

import fedllm.api.plugin.Choice;
import fedllm.api.trainer.Site;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import java.util.function.BiFunction;

/**
 * A job's base with the adapter that its {@code peft} says.
 *
 * @param model to be closed, and its base with it
 * @param reading how it reads held-out texts
 */
public record Adapted(LanguageModel model, Reading reading) {

  /** Opens both for texts; the caller closes the model, and its base with it. */
  public static LanguageModel open(Bases bases, Site site, Part... parts) {
    return open(bases, site, (base, adapter) -> new LanguageModel(base, adapter, parts));
  }

  /**
   * Opens both to read held-out texts with.
   *
   * @param sequence how many tokens of a text are fed at most
   * @param answerOnly whether only answers are foretold
   */
  public static Adapted open(
      Bases bases, Site site, int sequence, boolean answerOnly, Part... parts) {
    return open(
        bases,
        site,
        (base, adapter) -> {
          Reading reading = new Reading(base, sequence, answerOnly).behind(adapter);
          return new Adapted(new LanguageModel(base, adapter, parts), reading);
        });
  }

  private static <T> T open(Bases bases, Site site, BiFunction<Base, Adapter, T> made) {
    Choice<PeftMethod> peft = site.choice("peft", PeftMethod.class);
    Base base = bases.open(site, Head.TOKENS);
    try {
      return made.apply(base, peft.plugin().open(peft.options(), base.architecture()));
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }
}
