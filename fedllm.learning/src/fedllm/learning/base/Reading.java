package fedllm.learning.base;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Fitted;
import fedllm.learning.text.Row;
import java.util.List;

/**
 * How a model reads examples.
 *
 * @param base whose tokens they become
 * @param sequence how many tokens of a text are fed at most
 * @param answerOnly whether only answers are foretold, not prompts
 */
public record Reading(Base base, int sequence, boolean answerOnly) {

  /** The context bounds the sequence. */
  public Reading {
    int context = base.architecture().context();
    if (sequence > context) {
      throw new SitsOut(
          "sequence is " + sequence + ", but the base reads at most " + context + " tokens");
    }
  }

  /**
   * The same, whose texts stand behind an adapter's places.
   *
   * @throws SitsOut when the context has no room for both
   */
  public Reading behind(Adapter adapter) {
    int context = base.architecture().context();
    if (sequence + adapter.allPlaces() > context) {
      throw new SitsOut(
          "sequence is "
              + sequence
              + ", and the adapter stands before it with "
              + adapter.allPlaces()
              + " places, but the base reads at most "
              + context
              + " tokens");
    }
    return this;
  }

  /**
   * An example as token ids. Texts are cut to the sequence, ids are fed as they are.
   *
   * @param number which example it is, for messages
   */
  public Row row(Example example, long number) {
    if (example instanceof Example.Preference) {
      throw new SitsOut(
          "example "
              + number
              + " is two answers of which one was chosen; only the objective dpo reads such");
    }
    if (!base.architecture().causal()) {
      throw new SitsOut(
          base.folder().folder()
              + ": reads each text as a whole and cannot foretell what comes next; choose an"
              + " objective that tells classes");
    }
    if (!(example instanceof Example.Tokens tokens)) {
      Row row = encoded(example, number);
      if (row.length() < 1) {
        throw new SitsOut("example " + number + " is empty; check the silo's data and template");
      }
      return row;
    }
    int[] ids = tokens.ids();
    int context = base.architecture().context();
    int vocabulary = base.architecture().vocabulary();
    if (ids.length < 2 || ids.length - 1 > context) {
      throw new SitsOut(
          "example "
              + number
              + " has "
              + ids.length
              + " ids; 2 to "
              + (context + 1)
              + " can be fed");
    }
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new SitsOut(
            "example " + number + " has an id outside the vocabulary of " + vocabulary);
      }
    }
    return Row.next(ids, 1);
  }

  /**
   * One text or two, cut to the sequence, as a model reads them that says what the whole is.
   *
   * @param number which example it is, for messages
   */
  public Fitted fit(List<String> texts, long number) {
    Fitted fitted = base.tokenizer().fit(texts, sequence);
    if (fitted.ids().length == 0) {
      throw new SitsOut("example " + number + " is empty; check the silo's data and template");
    }
    int types = base.architecture().types();
    if (types == 1) {
      return new Fitted(fitted.ids(), new int[0], fitted.from(), fitted.to());
    }
    for (int type : fitted.types()) {
      if (type >= types) {
        throw new SitsOut(
            base.folder().tokenizer()
                + ": marks tokens as of kind "
                + type
                + ", but by config.json the model knows "
                + types
                + " kinds; take both files from one model");
      }
    }
    return fitted;
  }

  /** A chat template may refuse a conversation, such as one with roles that it does not know. */
  private Row encoded(Example example, long number) {
    try {
      return base.tokenizer().encode(example, sequence + 1, answerOnly);
    } catch (SitsOut e) {
      throw new SitsOut("example " + number + ": " + e.getMessage(), e);
    }
  }
}
