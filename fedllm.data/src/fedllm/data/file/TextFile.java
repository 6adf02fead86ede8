package fedllm.data.file;

import fedllm.api.error.SitsOut;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A UTF-8 text file, unpacked where its name ends in {@code .gz}. It refuses what is not UTF-8
 * where {@link java.io.InputStreamReader} would replace it. Used by one thread.
 */
public final class TextFile extends Reader {

  /** The longest line, in characters. */
  public static final int MAX_LINE = 1 << 24;

  private static final int BUFFER = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Path file;
  private final InputStream in;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
  private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);
  private long decodedLines = 1;
  private long line;
  private boolean first = true;
  private boolean ended;

  /** Opens a file. */
  public TextFile(Path file) {
    this.file = file;
    try {
      InputStream raw = Files.newInputStream(file);
      in = isPacked(file) ? unpacked(raw) : raw;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static boolean isPacked(Path file) {
    return file.toString().endsWith(".gz");
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    try {
      return new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** The next line without its end, or null after the last. */
  public String line() {
    StringBuilder text = null;
    while (fill()) {
      text = text == null ? new StringBuilder() : text;
      int end = chars.position();
      while (end < chars.limit() && chars.get(end) != '\n') {
        end++;
      }
      if (text.length() + end - chars.position() > MAX_LINE) {
        throw at(line + 1, "the line is longer than " + MAX_LINE + " characters");
      }
      text.append(chars.array(), chars.position(), end - chars.position());
      chars.position(end);
      if (chars.hasRemaining()) {
        chars.get();
        break;
      }
    }
    if (text == null) {
      return null;
    }
    line++;
    int last = text.length() - 1;
    return last >= 0 && text.charAt(last) == '\r' ? text.substring(0, last) : text.toString();
  }

  /** The number of the line that {@link #line} gave last; 1 for the first. */
  public long lineNumber() {
    return line;
  }

  /**
   * What to throw when a line is not what it should be; {@code what} repeats nothing of the text.
   */
  public SitsOut at(long line, String what) {
    return new SitsOut(file.getFileName() + ":" + line + ": " + what);
  }

  /** What to throw when the file cannot be read any further. */
  public SitsOut unreadable(IOException e) {
    String why =
        e instanceof NoSuchFileException
            ? "there is no such file"
            : "it cannot be read: " + e.getClass().getSimpleName();
    return new SitsOut(file.getFileName() + ": " + why, e);
  }

  @Override
  public int read(char[] out, int offset, int length) {
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, chars.remaining());
    chars.get(out, offset, count);
    return count;
  }

  /** Whether there is at least one character in {@code chars} now. */
  private boolean fill() {
    while (!chars.hasRemaining() && !ended) {
      chars.clear();
      decode();
      chars.flip();
      countLines();
      skipByteOrderMark();
    }
    return chars.hasRemaining();
  }

  private void skipByteOrderMark() {
    if (first && chars.hasRemaining()) {
      first = false;
      if (chars.get(0) == BYTE_ORDER_MARK) {
        chars.get();
      }
    }
  }

  private void decode() {
    CoderResult result = decoder.decode(bytes, chars, false);
    if (result.isUnderflow()) {
      boolean more = readBytes();
      result = decoder.decode(bytes, chars, !more);
      ended = !more && result.isUnderflow();
    }
    if (result.isError()) {
      chars.flip();
      countLines();
      throw at(decodedLines, "the text is not UTF-8; convert the file");
    }
  }

  private boolean readBytes() {
    bytes.compact();
    try {
      int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
      bytes.position(bytes.position() + Math.max(count, 0));
      return count >= 0;
    } catch (IOException e) {
      throw unreadable(e);
    } finally {
      bytes.flip();
    }
  }

  private void countLines() {
    for (int i = chars.position(); i < chars.limit(); i++) {
      if (chars.get(i) == '\n') {
        decodedLines++;
      }
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
