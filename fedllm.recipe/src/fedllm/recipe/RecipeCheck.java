package fedllm.recipe;

import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.methods.Catalogue;
import fedllm.cli.node.Workspace;
import fedllm.runtime.job.JobCheck;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.plugin.PluginInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Refuses a recipe that names plugins or options which nobody has, before anything is started. */
public final class RecipeCheck {

  private final Workspace workspace;
  private final Variables variables;
  private final List<PluginInfo> known;

  /** With the plugins that are built. */
  public RecipeCheck(Workspace workspace, Variables variables) throws IOException {
    this.workspace = workspace;
    this.variables = variables;
    List<Path> jars = new ArrayList<>(workspace.plugins());
    // Contracts that plugins name in their options are in it.
    jars.add(Workspace.built(workspace.project("fedllm.learning/generated/fedllm.learning.jar")));
    known = Catalogue.infos(jars, "");
  }

  /** Lets a recipe pass on a task. */
  public void check(Recipe recipe, Task task) {
    String source = recipe.name() + " on " + task.source();
    String text = task.with(recipe, recipe.name(), 1, "");
    Job job = Job.parse(source, workspace.root(), text, variables);
    new JobCheck(known)
        .check(new JobReader(recipe.name(), true).read(job.submission().asWritten(), source));
  }
}
