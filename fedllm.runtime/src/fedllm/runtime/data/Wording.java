package fedllm.runtime.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A text with places for fields: a name between braces, or several with bars between them for the
 * first that a row has. A brace that is doubled stands for itself. Immutable.
 */
final class Wording {

  /** Literal text, or where the names are not empty a place for one of these fields. */
  private record Piece(String text, List<String> names) {

    String value(Map<String, String> fields) {
      for (String name : names) {
        if (fields.containsKey(name)) {
          return fields.get(name);
        }
      }
      return null;
    }
  }

  private final List<Piece> pieces = new ArrayList<>();

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException when a brace stands alone or names no field
   */
  Wording(String text) {
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean twice = text.startsWith("" + c + c, i);
      if ((c == '{' || c == '}') && twice) {
        literal.append(c);
        i++;
      } else if (c == '{') {
        int end = text.indexOf('}', i);
        pieces.add(new Piece(literal.toString(), List.of()));
        pieces.add(new Piece("", names(text, i, end)));
        literal.setLength(0);
        i = end;
      } else if (c == '}') {
        throw new IllegalArgumentException("a } at character " + (i + 1) + " closes nothing");
      } else {
        literal.append(c);
      }
    }
    pieces.add(new Piece(literal.toString(), List.of()));
  }

  private static List<String> names(String text, int start, int end) {
    if (end < 0) {
      throw new IllegalArgumentException(
          "the { at character " + (start + 1) + " is not closed; write {{ for a brace");
    }
    List<String> names = new ArrayList<>();
    for (String name : text.substring(start + 1, end).split("\\|", -1)) {
      if (name.isBlank()) {
        throw new IllegalArgumentException(
            "the { at character " + (start + 1) + " names no field; write {{ for a brace");
      }
      names.add(name.strip());
    }
    return names;
  }

  /** The first place that no field fills, as it was written, or null. */
  String missing(Map<String, String> fields) {
    for (Piece piece : pieces) {
      if (!piece.names().isEmpty() && piece.value(fields) == null) {
        return String.join("|", piece.names());
      }
    }
    return null;
  }

  /** Whether a field fills every place with more than blanks. */
  boolean suits(Map<String, String> fields) {
    for (Piece piece : pieces) {
      if (!piece.names().isEmpty()) {
        String value = piece.value(fields);
        if (value == null || value.isBlank()) {
          return false;
        }
      }
    }
    return true;
  }

  /** The text with every place filled. */
  String fill(Map<String, String> fields) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      text.append(piece.names().isEmpty() ? piece.text() : piece.value(fields));
    }
    return text.toString();
  }
}
