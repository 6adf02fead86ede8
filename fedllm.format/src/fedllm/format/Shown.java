package fedllm.format;

/**
 * A name out of a file as a message may show it: short, on one line, without what a terminal obeys.
 * Whoever wrote the file chose the name.
 */
final class Shown {

  private static final int MAX_CHARS = 120;

  private Shown() {}

  static String name(String name) {
    boolean plain = name.length() <= MAX_CHARS;
    for (int i = 0; plain && i < name.length(); i++) {
      plain = name.charAt(i) >= ' ' && name.charAt(i) <= '~';
    }
    if (plain) {
      return name;
    }
    StringBuilder shown = new StringBuilder();
    int shownTo = 0;
    while (shownTo < name.length() && shown.length() < MAX_CHARS) {
      int character = name.codePointAt(shownTo);
      shown.appendCodePoint(prints(character) ? character : '?');
      shownTo += Character.charCount(character);
    }
    return shownTo < name.length() ? shown + "..." : shown.toString();
  }

  private static boolean prints(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
