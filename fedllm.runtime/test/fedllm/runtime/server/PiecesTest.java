package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.transport.Record;
import fedllm.runtime.message.Post;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PiecesTest {

  private final Pieces pieces = new Pieces(17);

  private static Record chunk(String begin, String number) {
    return new Record(
        "silo", 20, Map.of(Post.BEGIN, begin, "chunk", number), ByteBuffer.allocate(0));
  }

  @Test
  void takesEachPieceOfItsOwnUploadOnce() {
    assertTrue(pieces.takes(chunk("17", "0")));
    assertFalse(pieces.takes(chunk("17", "0")), "it came twice");
    assertTrue(pieces.takes(chunk("17", "1")));
    assertFalse(pieces.takes(chunk("9", "2")), "that is of an upload that was given up");
    assertFalse(pieces.takes(chunk("17", "0")));
    assertTrue(pieces.takes(chunk("17", "2")));
  }

  @Test
  void whatIsNotDueIsLeftToTheCheckThatRefusesIt() {
    assertTrue(pieces.takes(chunk("17", "5")));
    assertTrue(pieces.takes(chunk("17", "none")));
  }

  @Test
  void aChunkThatDoesNotSayWhereItsUploadBeganBelongsToTheOneThatIsOpen() {
    Record chunk = new Record("silo", 20, Map.of("chunk", "0"), ByteBuffer.allocate(0));
    assertTrue(pieces.takes(chunk));
    assertTrue(pieces.takes(chunk), "and is refused if it comes twice");
  }
}
