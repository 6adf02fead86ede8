package fedllm.cli.job;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where a job's file lies; its relative paths start there. */
record JobFolder(Path path) {

  Path existing(Entry entry) {
    Path there = path.resolve(entry.text()).normalize();
    if (!Files.exists(there)) {
      throw entry.wrong("there is no " + there);
    }
    return there;
  }
}
