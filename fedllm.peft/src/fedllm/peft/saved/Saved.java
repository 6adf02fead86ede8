package fedllm.peft.saved;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.learning.model.Architecture;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Goes on with an adapter in PEFT layout, whichever method made it: its {@code adapter_config.json}
 * says what stands where, its values are the first ones.
 */
@Component
@Plugin(
    name = "saved",
    does = "goes on with an adapter in PEFT layout",
    options = Saved.Config.class)
public final class Saved implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** The adapter's folder, an absolute path at every silo. */
    @Required
    String folder() default "";
  }

  private final Adapters adapters;

  /** Opens by these. */
  @Activate
  public Saved(@Reference Adapters adapters) {
    this.adapters = adapters;
  }

  @Override
  public Adapter open(Options options, Architecture model) {
    Adapters.Opened opened = adapters.open(folder(options.as(Config.class).folder()), model);
    AtomicInteger next = new AtomicInteger();
    return opened.adapter().with(parameter -> from(opened, next.getAndIncrement(), parameter));
  }

  private static Parameter from(Adapters.Opened opened, int tensor, Parameter parameter) {
    float[] values = opened.values().values(tensor);
    return new Parameter(
        parameter.symbol(),
        parameter.name(),
        parameter.shape(),
        (random, first) -> System.arraycopy(values, 0, first, 0, first.length),
        parameter.rankAxis());
  }

  private static Path folder(String text) {
    try {
      Path folder = Path.of(text);
      if (folder.isAbsolute()) {
        return folder;
      }
    } catch (InvalidPathException e) {
      throw new SitsOut("peft.folder is no path", e);
    }
    throw new SitsOut("peft.folder is " + text + ", but should be an absolute path");
  }
}
