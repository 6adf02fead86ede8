package fedllm.preview;

import fedllm.api.data.Example;
import fedllm.learning.text.Row;
import fedllm.learning.text.Tokenizer;

/**
 * How a model will read examples.
 *
 * @param tokenizer the base's; null where no base is known, and characters are counted
 * @param sequence how many tokens of an example are fed at most
 */
public record Reader(Tokenizer tokenizer, int sequence) {

  /** What is counted. */
  public String unit() {
    return tokenizer == null ? "characters" : "tokens";
  }

  /** All of an example as token ids, where only answers are foretold; null without a tokenizer. */
  Row row(Example example) {
    return tokenizer == null ? null : tokenizer.encode(example, Integer.MAX_VALUE, true);
  }

  /** How many of a row's tokens are fed. */
  int fits(Row row) {
    return Math.min(row.length(), sequence);
  }
}
