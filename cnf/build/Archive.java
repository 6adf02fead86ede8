package fedllm.build;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives without dates, owners or an order of chance: the same files give the same bytes. */
final class Archive {

  /** The first of the days that both formats know in every time zone. */
  private static final LocalDateTime SOME_DAY = LocalDateTime.of(1980, 2, 1, 0, 0);

  private static final int PROGRAM = 0755;
  private static final int FILE = 0644;
  private static final int FOLDER = 0755;

  /** Of a tar: the size of a block, of a name, and where in a header two fields begin. */
  private static final int BLOCK = 512;

  private static final int NAME = 100;
  private static final int SUM = 148;
  private static final int MAGIC = 257;

  private final SortedMap<String, Content> contents;

  Archive(SortedMap<String, Content> contents) {
    this.contents = contents;
  }

  /** Writes a packed tar, all below one folder, whole or not at all; answers its SHA-256. */
  String write(Path file, String folder) throws IOException {
    MessageDigest sha256 = sha256();
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try (OutputStream out = Files.newOutputStream(part);
        OutputStream hashed = new DigestOutputStream(out, sha256);
        OutputStream tar =
            new GZIPOutputStream(new BufferedOutputStream(hashed, 1 << 16), 1 << 16)) {
      for (String name : folders()) {
        tar.write(header(folder + "/" + name, FOLDER, '5', 0));
      }
      for (Map.Entry<String, Content> entry : contents.entrySet()) {
        Content content = entry.getValue();
        int mode = content.program() ? PROGRAM : FILE;
        tar.write(header(folder + "/" + entry.getKey(), mode, '0', content.size()));
        content.copyTo(tar);
        tar.write(new byte[(int) (-content.size() & (BLOCK - 1))]);
      }
      tar.write(new byte[2 * BLOCK]);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return HexFormat.of().formatHex(sha256.digest());
  }

  private TreeSet<String> folders() {
    TreeSet<String> folders = new TreeSet<>();
    folders.add("");
    for (String name : contents.keySet()) {
      for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
        folders.add(name.substring(0, slash + 1));
      }
    }
    return folders;
  }

  /** As POSIX has it (ustar); the libraries for it want others beside them than bnd brings. */
  private static byte[] header(String name, int mode, char type, long size) {
    ByteBuffer header = ByteBuffer.allocate(BLOCK);
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    if (path.length > NAME) {
      throw new Failure("a name is too long for an archive: " + name);
    }
    header.put(path).position(NAME);
    header.put(octal(mode, 8)).put(octal(0, 8)).put(octal(0, 8)); // of root
    header.put(octal(size, 12)).put(octal(SOME_DAY.toEpochSecond(ZoneOffset.UTC), 12));
    header.put("        ".getBytes(StandardCharsets.US_ASCII)).put((byte) type).position(MAGIC);
    header.put("ustar\00000".getBytes(StandardCharsets.US_ASCII));
    int sum = 0;
    for (byte b : header.array()) {
      sum += b & 0xff;
    }
    header.position(SUM).put(octal(sum, 8));
    return header.array();
  }

  /** Digits and a closing zero. */
  private static byte[] octal(long value, int length) {
    String digits = Long.toOctalString(value);
    String padded = "0".repeat(length - 1 - digits.length()) + digits + "\0";
    return padded.getBytes(StandardCharsets.US_ASCII);
  }

  /** A jar of what a project compiled. */
  static Content jar(Path classes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Path file : Folders.files(classes)) {
        ZipEntry entry = new ZipEntry(classes.relativize(file).toString());
        entry.setTimeLocal(SOME_DAY);
        zip.putNextEntry(entry);
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    return Content.of(bytes.toByteArray());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
