package fedllm.learning.model;

/**
 * A place in a model where a method may add something. What an equation there sees:
 *
 * <table>
 *   <caption>x and y, by kind</caption>
 *   <tr><th>kind</th><th>x</th><th>y</th></tr>
 *   <tr><td>EMBEDDING</td><td>token ids [batch, length]; below zero where a method put a place of
 *       its own, -1 the first</td><td>[batch, length, out]</td></tr>
 *   <tr><td>LINEAR</td><td>[batch, length, in]; in the head of a sequence's classes length is 1,
 *       in that of tokens' classes [.., in]</td><td>[batch, length, out]; [.., out]</td></tr>
 *   <tr><td>KEYS, VALUES</td><td>what the layer's attention reads, [batch, length, width]</td>
 *       <td>[batch, heads, length, width of a head], after rotation; in is the number of heads,
 *       out the width of one</td></tr>
 *   <tr><td>RESIDUAL</td><td>the stream before, [batch, length, in]</td><td>what is about to be
 *       added to it, [batch, length, out]</td></tr>
 *   <tr><td>NORM</td><td>[batch, length, in], or of each head [batch, heads, length, in]</td>
 *       <td>the same</td></tr>
 *   <tr><td>LOGITS</td><td>what the head reads, [.., in]</td><td>[.., out]</td></tr>
 * </table>
 *
 * @param kind what it is
 * @param name as in the weights' names, such as {@code model.layers.0.self_attn.q_proj}; for keys
 *     and values the attention's name and {@code .keys} or {@code .values}; for a residual the name
 *     of what writes to it
 * @param in see the table
 * @param out see the table
 */
public record Site(Kind kind, String name, int in, int out) {

  /** What a place is. */
  public enum Kind {
    EMBEDDING,
    LINEAR,
    KEYS,
    VALUES,
    RESIDUAL,
    NORM,
    LOGITS
  }

  /** A linear layer. */
  public static Site linear(String name, int in, int out) {
    return new Site(Kind.LINEAR, name, in, out);
  }

  /** The last part of the name, such as {@code q_proj}. */
  public String part() {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
