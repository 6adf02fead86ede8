package fedllm.runtime.silo;

import fedllm.api.data.Data;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.trainer.Site;
import fedllm.runtime.data.FileData;
import fedllm.runtime.job.Job;
import fedllm.runtime.plugin.Holdings;
import fedllm.runtime.plugin.Plugins;
import java.nio.file.Path;
import java.util.Optional;

/** A silo as the workers of one run see it. */
final class SiloSite implements Site {

  private final Scope scope;
  private final Job job;
  private final SiloConfig config;
  private final Holdings holdings;
  private final Data data;

  SiloSite(Scope scope, Job job, SiloConfig config, Plugins plugins, Holdings holdings) {
    this(scope, job, config, plugins, holdings, SiloConfig.WHOLE);
  }

  /** Of one of a gateway's clients. */
  SiloSite(
      Scope scope, Job job, SiloConfig config, Plugins plugins, Holdings holdings, int client) {
    this.scope = scope;
    this.job = job;
    this.config = config;
    this.holdings = holdings;
    this.data =
        new LazyData(
            () ->
                new FileData(
                    config.data(job.data(), job.templates(), plugins.infos(), client),
                    holdings::choose));
  }

  @Override
  public Scope scope() {
    return scope;
  }

  @Override
  public Path base() {
    if (job.base().isEmpty()) {
      throw new SitsOut("the job names no base, which its trainer needs");
    }
    return config.base(job.base());
  }

  @Override
  public Data data() {
    return data;
  }

  @Override
  public <K> Choice<K> choice(String key, Class<K> contract) {
    return optional(key, contract)
        .orElseThrow(() -> new SitsOut("the job names no " + key + ", which its trainer needs"));
  }

  @Override
  public <K> Optional<Choice<K>> optional(String key, Class<K> contract) {
    return Optional.ofNullable(job.others().get(key))
        .map(spec -> holdings.choose(contract, spec.name(), spec.options()));
  }
}
