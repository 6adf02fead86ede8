package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The text that is made, and which parts of it somebody asked about. */
final class Output {

  private final StringBuilder text = new StringBuilder();
  private final List<Rendered.Part> parts = new ArrayList<>();
  private final List<Rendered.Part> generations = new ArrayList<>();
  private final Set<Object> watched;

  /**
   * A text.
   *
   * @param watched the objects, by identity, whose turns of a loop are asked about
   */
  Output(Set<Object> watched) {
    this.watched = watched;
  }

  void write(String piece) {
    text.append(piece);
  }

  int length() {
    return text.length();
  }

  /** A loop's body has written the text from a place on for an item. */
  void wrote(Object item, int from) {
    if (text.length() > from && item != null && watched.contains(item)) {
      parts.add(new Rendered.Part(item, from, text.length()));
    }
  }

  void generated(int from) {
    generations.add(new Rendered.Part(null, from, text.length()));
  }

  String text() {
    return text.toString();
  }

  Rendered rendered() {
    return new Rendered(text(), List.copyOf(parts), List.copyOf(generations));
  }
}
