package fedllm.learning.objective;

import fedllm.api.data.Example;
import fedllm.api.plugin.Options;
import fedllm.api.random.Philox;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** What a trainer makes small. Stateless, safe for many threads. */
@ConsumerType
public interface Objective {

  /** What the model is asked for. */
  default Head head(Options options) {
    return Head.TOKENS;
  }

  /**
   * Opens it for one client.
   *
   * @throws fedllm.api.error.SitsOut when the options do not fit the model
   */
  Goal open(Options options, Reading reading);

  /** An objective at one client. Immutable. */
  @ConsumerType
  interface Goal {

    /**
     * The rows that an example becomes: one, or several that stay together in a batch.
     *
     * @param number which example it is, for messages; they repeat nothing of its text
     */
    List<Row> rows(Example example, long number);

    /**
     * The same to learn from, drawn anew where the goal {@link #draws}.
     *
     * @param random numbers of this example and round alone
     */
    default List<Row> rows(Example example, long number, Philox random) {
      return rows(example, number);
    }

    /** Whether chance has a part in the rows that are learned from. */
    default boolean draws() {
      return false;
    }

    /**
     * The body, indented by four, of a TorchScript method that returns a scalar. It sees
     *
     * <ul>
     *   <li>{@code hidden}: what the model's head reads, [batch, length, width];
     *   <li>{@code bare}: the same of the base without adapters, without a gradient; empty unless
     *       {@link #compares};
     *   <li>{@code f}: the batch's frame, {@code labels}: the rows' labels, -100 where none is;
     *   <li>{@code w}, {@code now} and {@code start}: weights, and the trained tensors as they are
     *       and as they were when the round began;
     *   <li>{@code (self).log_likelihoods(hidden, f, labels, w, now)}: what the model thinks of
     *       each row's labels, [batch], in nats below zero, with its gradient;
     *   <li>{@code (self).bare_log_likelihoods(bare, f, labels, w, now)}: what the base without
     *       adapters thinks of them, without a gradient;
     *   <li>{@code (self).logits(hidden, f, w, now)}: the logits themselves.
     * </ul>
     */
    String loss();

    /**
     * How many things of a batch the loss is a mean of: losses of parts of a batch, weighed so, add
     * up to the batch's.
     */
    default double weight(Batch batch) {
      return batch.targets();
    }

    /** Whether several texts may share a row. */
    default boolean packs() {
      return true;
    }

    /** Whether the loss reads {@code bare}. */
    default boolean compares() {
      return false;
    }
  }
}
