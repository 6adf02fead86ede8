package fedllm.learning.jinja;

import java.util.List;

/**
 * What a template made.
 *
 * @param text the text
 * @param parts what loops wrote in their turns for the objects that were asked about, in order
 * @param generations what stands in {@code {% generation %}} blocks
 */
public record Rendered(String text, List<Part> parts, List<Part> generations) {

  /**
   * A part of the text.
   *
   * @param item the object of the loop's turn; null for a generation block
   * @param from its first character
   * @param to after its last character
   */
  public record Part(Object item, int from, int to) {}
}
