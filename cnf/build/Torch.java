package fedllm.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Torch's native libraries and DJL's, unpacked side by side, where PYTORCH_LIBRARY_PATH points. */
final class Torch {

  private Torch() {}

  static void unpack(Path root) throws IOException {
    Path folder = root.resolve("cnf/cache/torch");
    Path done = folder.resolve("complete");
    List<String> jars = libraries(root);
    Path natives = only(jars, "pytorch-native-cpu");
    Path jni = only(jars, "pytorch-jni");
    List<String> from = List.of(natives.getFileName().toString(), jni.getFileName().toString());
    if (Files.exists(done) && Files.readAllLines(done).equals(from)) {
      return;
    }
    System.out.println("unpacking torch, once");
    Folders.delete(folder);
    Files.createDirectories(folder);
    String platform = platformOf(natives);
    extract(natives, "pytorch/cpu/" + platform + "/", folder);
    extract(jni, "jnilib/" + platform + "/cpu/", folder);
    Files.write(done, from);
  }

  /** The platform that torch is there for, such as {@code linux-x86_64}. */
  static String platform(Path root) throws IOException {
    return platformOf(only(libraries(root), "pytorch-native-cpu"));
  }

  private static List<String> libraries(Path root) throws IOException {
    String path = Files.readString(root.resolve("cnf/cache/target.classpath")).strip();
    return Arrays.asList(path.split(File.pathSeparator));
  }

  private static Path only(List<String> jars, String artifact) {
    return jars.stream()
        .filter(jar -> jar.contains("/" + artifact + "/"))
        .map(Path::of)
        .findFirst()
        .orElseThrow(() -> new Failure("no " + artifact + " for this platform in cnf/pom.xml"));
  }

  /** pytorch-native-cpu-2.7.1-linux-x86_64.jar → linux-x86_64. */
  private static String platformOf(Path natives) {
    String[] words = natives.getFileName().toString().replace(".jar", "").split("-");
    return words[words.length - 2] + "-" + words[words.length - 1];
  }

  private static void extract(Path jar, String prefix, Path folder) throws IOException {
    int files = 0;
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.isDirectory() && entry.getName().startsWith(prefix)) {
          Path to = folder.resolve(Path.of(entry.getName()).getFileName().toString());
          Files.copy(zip.getInputStream(entry), to, StandardCopyOption.REPLACE_EXISTING);
          files++;
        }
      }
    }
    if (files == 0) {
      throw new Failure("nothing below " + prefix + " in " + jar.getFileName());
    }
  }
}
