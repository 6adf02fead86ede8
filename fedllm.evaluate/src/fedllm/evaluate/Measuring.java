package fedllm.evaluate;

import fedllm.api.data.DataSource;
import fedllm.api.evaluator.Evaluator;
import fedllm.cli.methods.PluginJars;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Compute;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Storage;
import fedllm.runtime.plugin.FixedPlugins;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The plugins of some jars that a measuring needs, without a framework.
 *
 * @param jars that they come from
 * @param bases what the evaluators among them measure on
 * @param methods what opens adapters
 * @param all of them
 */
record Measuring(PluginJars jars, Bases bases, List<PeftMethod> methods, FixedPlugins all)
    implements AutoCloseable {

  static Measuring open(List<Path> files, Compute compute) throws IOException {
    PluginJars jars = new PluginJars(files);
    Bases bases = new Bases(jars.make(ModelFamily.class), compute);
    List<Object> all = new ArrayList<>();
    all.addAll(jars.make(DataSource.class));
    all.addAll(jars.make(Storage.class));
    all.addAll(jars.make(Objective.class));
    all.addAll(jars.make(Evaluator.class, bases));
    return new Measuring(jars, bases, jars.make(PeftMethod.class), new FixedPlugins(all.toArray()));
  }

  @Override
  public void close() throws IOException {
    jars.close();
  }
}
