package fedllm.build;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file of an archive.
 *
 * @param file where its bytes are; null if they are here
 * @param bytes null if they are in a file
 * @param program whether it may be run
 */
record Content(Path file, byte[] bytes, boolean program) {

  static Content of(Path file) {
    return new Content(file, null, false);
  }

  static Content program(Path file) {
    return new Content(file, null, true);
  }

  static Content of(byte[] bytes) {
    return new Content(null, bytes, false);
  }

  static Content of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  long size() throws IOException {
    return file == null ? bytes.length : Files.size(file);
  }

  void copyTo(OutputStream out) throws IOException {
    if (file == null) {
      out.write(bytes);
    } else {
      Files.copy(file, out);
    }
  }

  boolean isSameAs(Content other) throws IOException {
    if (file != null && file.equals(other.file)) {
      return true;
    }
    try (InputStream in = open()) {
      return Arrays.equals(in.readAllBytes(), other.open().readAllBytes());
    }
  }

  private InputStream open() throws IOException {
    return file == null ? new ByteArrayInputStream(bytes) : Files.newInputStream(file);
  }
}
