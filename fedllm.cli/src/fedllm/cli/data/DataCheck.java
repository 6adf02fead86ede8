package fedllm.cli.data;

import fedllm.api.data.DataSource;
import fedllm.cli.job.Job;
import fedllm.cli.methods.Catalogue;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.plugin.Installed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Refuses what silos would refuse of their data, by the job's line, before anything is started. */
public final class DataCheck {

  private DataCheck() {}

  /**
   * Checks names and options of formats, templates and partitions; no file is read.
   *
   * @param plugins the folder that the job's nodes will watch
   */
  public static void check(Job job, Path plugins) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(plugins)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    String text = job.submission().asWritten();
    new Views(
            Catalogue.infos(jars, Installed.kindOf(DataSource.class.getName())),
            new JobReader(job.federation(), true).read(text, job.source()).templates())
        .ofJob(job.source(), job.silos());
  }
}
