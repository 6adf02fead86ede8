package fedllm.learning.measure;

import fedllm.api.plugin.Choice;
import fedllm.api.trainer.Site;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;

/** A job's base with the adapter that its {@code peft} says. */
public final class Adapted {

  private Adapted() {}

  /** Opens both for texts; the caller closes the model, and its base with it. */
  public static LanguageModel open(Bases bases, Site site) {
    Choice<PeftMethod> peft = site.choice("peft", PeftMethod.class);
    Base base = bases.open(site, Head.TOKENS);
    try {
      Adapter adapter = peft.plugin().open(peft.options(), base.architecture());
      return new LanguageModel(base, adapter);
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }
}
