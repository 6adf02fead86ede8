package fedllm.learning.model;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One model's shape and equations. Immutable.
 *
 * <p>The equations are bodies of TorchScript methods, each line indented by four. They see
 *
 * <ul>
 *   <li>{@code f}, the frame of a batch, a list: {@code f[0]} ids [batch, length], {@code f[1]}
 *       positions [1 or batch, length], {@code f[2]} and {@code f[3]} the masks that {@link
 *       Attention} reads, {@code f[4]} the place of the first token, {@code f[5]} token types and
 *       {@code f[6]} segments, each empty where there is one only, from {@code f[7]} on what {@link
 *       #frame} returned;
 *   <li>{@code kv}, the cache of keys and values, for {@link Attention};
 *   <li>{@code w} and {@code p}, the lists of weights and of what is trained;
 *   <li>{@code (self).operand(x)}: x as products read it, for what several of them read.
 * </ul>
 */
@ConsumerType
public interface Architecture {

  /** How many tokens it knows. */
  int vocabulary();

  /** How many tokens it can read at most. */
  int context();

  /** How many layers it has. */
  int layers();

  /** How wide its stream is. */
  int width();

  /** Whether a position sees only those before it. */
  default boolean causal() {
    return true;
  }

  /** How many positions before its own one sees in layers that look near only; 0 where none do. */
  default int window() {
    return 0;
  }

  /** How many kinds of tokens it tells apart, such as those of a first and a second sentence. */
  default int types() {
    return 1;
  }

  /**
   * Whether the first tokens of a text are read otherwise when it has {@code to} tokens than when
   * it had {@code from}. Padding is told from text then, and no cache of the shorter text serves
   * the longer one.
   */
  default boolean rereads(int from, int to) {
    return false;
  }

  /** How keys and values of a layer are shaped. */
  Attention attention();

  /** The weights that the files must hold. */
  List<Weight> weights();

  /**
   * The weight that a tensor of the files is. Families whose files are written in several ways,
   * with and without the model's own name in front, say here what they mean.
   */
  default String weight(String tensor) {
    return tensor;
  }

  /** Whether a tensor of the files that is no weight may be left aside. */
  default boolean ignores(String tensor) {
    return false;
  }

  /** The sites where methods may add something. */
  List<Site> sites();

  /** What it was asked for. */
  Head head();

  /** Methods that the bodies call, each with its {@code def} indented by two. */
  String methods();

  /**
   * Returns a list of tensors for the whole batch, over {@code positions} and, where the model
   * {@link #rereads}, the {@code lengths} of the texts that they are in, of the same shape.
   */
  default String frame() {
    return "    return annotate(List[Tensor], [])\n";
  }

  /** Over {@code f}: returns the stream, [batch, length, width]. */
  String embed(Sites sites);

  /** Over {@code x}, {@code f} and {@code kv}: returns the stream after one layer. */
  String layer(int layer, Sites sites);

  /** Over {@code x} and {@code f}: returns what the head reads, [batch, length, width]. */
  String last(Sites sites);

  /**
   * Over {@code x}, some of what the head reads, and for a sequence's classes {@code f}: returns
   * the logits of {@link Head.Kind}.
   */
  String logits(Sites sites);

  /**
   * The weight [vocabulary, width] whose product with what the head reads are the logits, with
   * nothing else done to them but a bias added; empty where it is not so simple. A loss then knows
   * its gradient.
   */
  default String projection() {
    return "";
  }
}
