package fedllm.preview;

import fedllm.api.error.Refused;
import fedllm.cli.data.View;
import fedllm.cli.data.Views;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.job.Yaml;
import fedllm.runtime.silo.SiloConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is looked at, and how the job would have it read.
 *
 * @param views the data of each silo, or each data set of one
 * @param bases folders of base models by name
 * @param base the name of the job's, empty where none is known
 * @param sequence tokens of an example that are fed at most
 * @param loss {@code all} or {@code answer}
 */
public record Subject(
    List<View> views, Map<String, Path> bases, String base, int sequence, String loss) {

  /** What trainers take where a job does not say. */
  private static final int SEQUENCE = 256;

  /** A file of texts; {@code job} may be null. */
  public static Subject ofFile(Map<String, Object> entry, Path job, DataPlugins plugins)
      throws IOException {
    fedllm.runtime.job.Job read = job == null ? null : submitted(job);
    return of(new Views(plugins.infos(), templates(read)).ofFile(entry), Map.of(), read);
  }

  /** A silo.yaml, with a job or without; or a job that lists silos. */
  public static Subject ofYaml(Path file, Path job, Variables variables, DataPlugins plugins)
      throws IOException {
    if (!Yaml.read(text(file), file.toString()).has("silos")) {
      fedllm.runtime.job.Job read = job == null ? null : submitted(job);
      SiloConfig silo = SiloConfig.read(file);
      return of(new Views(plugins.infos(), templates(read)).ofSilo(silo), silo.bases(), read);
    }
    if (job != null) {
      throw new Refused(file + " is a job itself; take --job out");
    }
    Job local = Job.read(file, variables);
    fedllm.runtime.job.Job read =
        new JobReader(local.federation(), true)
            .read(local.submission().asWritten(), local.source());
    Map<String, Path> bases = new TreeMap<>();
    if (local.base() != null) {
      bases.put(read.base(), local.base());
    }
    Views views = new Views(plugins.infos(), templates(read));
    return of(views.ofJob(local.source(), local.silos()), bases, read);
  }

  private static Subject of(List<View> views, Map<String, Path> bases, fedllm.runtime.job.Job job) {
    Map<String, Object> trainer = job == null ? Map.of() : job.trainer().options();
    return new Subject(
        views,
        bases,
        job == null ? "" : job.base(),
        trainer.get("sequence") instanceof Integer said && said > 0 ? said : SEQUENCE,
        trainer.getOrDefault("loss", "all").toString());
  }

  private static fedllm.runtime.job.Job submitted(Path file) throws IOException {
    String text = text(file);
    String federation = Yaml.read(text, file.toString()).text("federation", "");
    return new JobReader(federation, true).read(text, file.toString());
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new Refused("there is no " + file, e);
    }
  }

  private static Map<String, Object> templates(fedllm.runtime.job.Job job) {
    return job == null ? Map.of() : job.templates();
  }

  /** The same, of one silo or data set alone; null for all. */
  public Subject only(String name) {
    if (name == null) {
      return this;
    }
    List<View> one = views.stream().filter(view -> view.name().equals(name)).toList();
    if (one.isEmpty()) {
      throw new Refused(
          "nothing here is called "
              + name
              + "; there are "
              + views.stream().map(View::name).toList());
    }
    return new Subject(one, bases, base, sequence, loss);
  }

  /** The folder of the base that is named, or of the only one there is; null where none is. */
  public Path base(String named) {
    if (named != null) {
      return bases.getOrDefault(named, Path.of(named));
    }
    if (bases.containsKey(base)) {
      return bases.get(base);
    }
    if (bases.size() > 1) {
      throw new Refused("there are several bases, " + bases.keySet() + "; say --base NAME");
    }
    return bases.isEmpty() ? null : bases.values().iterator().next();
  }
}
