package fedllm.learning.train;

import fedllm.learning.text.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What one step learns from.
 *
 * @param step which step of the round it is, from 0
 * @param pieces its examples, some at a time; at least one piece
 */
public record Lesson(long step, List<Piece> pieces) {

  private static final int NAMED = 16;

  public Lesson {
    pieces = List.copyOf(pieces);
  }

  /**
   * Examples side by side.
   *
   * @param examples which of the client's they are, from 0
   * @param from the first row of each, and behind the last one the number of rows; empty where rows
   *     are packed
   */
  public record Piece(Batch batch, int[] examples, int[] from) {}

  /** Tokens that are fed. */
  public long tokens() {
    return pieces.stream().mapToLong(piece -> piece.batch().tokens()).sum();
  }

  /** Labels that count. */
  public long targets() {
    return pieces.stream().mapToLong(piece -> piece.batch().targets()).sum();
  }

  /** Which examples these are, by number, from 1: for messages. */
  public String names() {
    int[] all = pieces.stream().flatMapToInt(piece -> Arrays.stream(piece.examples())).toArray();
    String some =
        Arrays.stream(all)
            .limit(NAMED)
            .mapToObj(example -> Integer.toString(example + 1))
            .collect(Collectors.joining(", "));
    return (all.length == 1 ? "example " : "examples ")
        + some
        + (all.length > NAMED ? " and " + (all.length - NAMED) + " more" : "");
  }
}
