package fedllm.learning.jinja;

import java.util.List;

/** What {@code loop} tells the body of a loop. */
final class Loop {

  private final List<?> items;
  private int place = -1;

  Loop(List<?> items) {
    this.items = items;
  }

  void next() {
    place++;
  }

  Object get(String name) {
    int last = items.size() - 1;
    return switch (name) {
      case "index" -> place + 1L;
      case "index0" -> (long) place;
      case "revindex" -> (long) last - place + 1;
      case "revindex0" -> (long) last - place;
      case "first" -> place == 0;
      case "last" -> place == last;
      case "length" -> (long) items.size();
      case "previtem" -> place > 0 ? items.get(place - 1) : new Undefined("loop.previtem");
      case "nextitem" -> place < last ? items.get(place + 1) : new Undefined("loop.nextitem");
      default -> throw new TemplateError("this is not known of a loop here");
    };
  }
}
