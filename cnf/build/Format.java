package fedllm.build;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.StringWrapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** google-java-format over our Java. Remembers which files it has seen in good form. */
final class Format {

  private final Path root;
  private final Path memory;

  Format(Path root) {
    this.root = root;
    this.memory = root.resolve("cnf/cache/formatted");
  }

  boolean apply(Collection<Path> folders) throws IOException {
    boolean good = true;
    for (Path file : sources(folders)) {
      try {
        String before = Files.readString(file);
        String after = formatted(before);
        if (!after.equals(before)) {
          Files.writeString(file, after);
          System.out.println("formatted " + root.relativize(file));
        }
      } catch (FormatterException e) {
        good = false;
        System.err.println(root.relativize(file) + ": " + e.getMessage());
      }
    }
    return good;
  }

  void check(Collection<Path> folders) throws IOException {
    Map<String, String> seen = read();
    List<String> bad = new ArrayList<>();
    for (Path file : sources(folders)) {
      String name = root.relativize(file).toString();
      String looks = Files.getLastModifiedTime(file) + " " + Files.size(file);
      if (looks.equals(seen.get(name))) {
        continue;
      }
      try {
        String text = Files.readString(file);
        if (formatted(text).equals(text)) {
          seen.put(name, looks);
        } else {
          bad.add(name);
        }
      } catch (FormatterException e) {
        // Not Java: javac explains it better.
        seen.remove(name);
      }
    }
    write(seen);
    if (!bad.isEmpty()) {
      throw new Failure("run ./fedllm format; not in form:\n  " + String.join("\n  ", bad));
    }
  }

  private static List<Path> sources(Collection<Path> folders) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path folder : folders) {
      files.addAll(Folders.files(folder, ".java"));
    }
    return files;
  }

  private static String formatted(String text) throws FormatterException {
    Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
    return StringWrapper.wrap(formatter.formatSourceAndFixImports(text), formatter);
  }

  private Map<String, String> read() throws IOException {
    Map<String, String> seen = new TreeMap<>();
    if (Files.exists(memory)) {
      for (String line : Files.readAllLines(memory)) {
        int tab = line.indexOf('\t');
        seen.put(line.substring(0, tab), line.substring(tab + 1));
      }
    }
    return seen;
  }

  private void write(Map<String, String> seen) throws IOException {
    Files.write(
        memory, seen.entrySet().stream().map(e -> e.getKey() + "\t" + e.getValue()).toList());
  }
}
