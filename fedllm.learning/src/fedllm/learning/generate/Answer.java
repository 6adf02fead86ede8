package fedllm.learning.generate;

/**
 * What a model wrote.
 *
 * @param ids its tokens, without the one that ended it
 * @param text them as text, without the stop that ended it
 * @param reason why it ended
 */
public record Answer(int[] ids, String text, Reason reason) {

  /** Why a text ended. */
  public enum Reason {
    /** The model ended it. */
    END,
    /** A stop string came. */
    STOP,
    /** It is as long as was asked for, or as the model can read. */
    LENGTH,
    /** The listener wants no more. */
    CANCELLED
  }
}
