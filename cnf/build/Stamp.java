package fedllm.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/** A fingerprint of files and words. */
final class Stamp {

  private final MessageDigest digest;

  Stamp() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  Stamp words(Collection<String> words) {
    for (String word : words) {
      digest.update(word.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return this;
  }

  /** Name, size and date: cheap, for large files. */
  Stamp looks(Collection<Path> files) throws IOException {
    for (Path file : files) {
      words(
          List.of(
              file.toString(),
              Long.toString(Files.size(file)),
              Files.getLastModifiedTime(file).toString()));
    }
    return this;
  }

  /** Name and content: a date changes with every checkout, the bytes often do not. */
  Stamp contents(Path base, Collection<Path> files) throws IOException {
    for (Path file : files) {
      words(List.of(base.relativize(file).toString()));
      digest.update(Files.readAllBytes(file));
    }
    return this;
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
