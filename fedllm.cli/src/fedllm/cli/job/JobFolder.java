package fedllm.cli.job;

import fedllm.runtime.job.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a job's file lies; its relative paths start there. */
record JobFolder(Path path) {

  Path existing(Yaml.Item item) {
    Path there = path.resolve(item.text()).normalize();
    if (!Files.exists(there)) {
      throw item.refused("there is no " + there);
    }
    return there;
  }
}
