package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.format.AdapterFolder;
import fedllm.format.SafetensorsWriter;
import fedllm.learning.model.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Opens adapters in PEFT layout: those that a run made, and those of other tools. Safe for many
 * threads.
 */
@Component(service = Adapters.class)
public final class Adapters {

  // Without the method that opens adapters by this class: the two would wait for one another.
  @Reference(
      service = PeftMethod.class,
      target = "(!(plugin.name=saved))",
      policy = ReferencePolicy.DYNAMIC,
      cardinality = ReferenceCardinality.MULTIPLE)
  private final Collection<PeftMethod> methods = new CopyOnWriteArrayList<>();

  /** Knows the methods that come as services. */
  @Activate
  public Adapters() {}

  /** Knows these methods. */
  public Adapters(List<PeftMethod> methods) {
    this.methods.addAll(methods);
  }

  /**
   * An adapter as it was written.
   *
   * @param adapter what stands where
   * @param values what was learned, in the adapter's {@linkplain Adapter#schema order}
   */
  public record Opened(Adapter adapter, Tensors values) {}

  /** Writes a folder in PEFT layout, anew. */
  public static void save(Path folder, Opened opened) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, String> file : opened.adapter().files().entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    Tensors values = opened.values();
    Path weights = folder.resolve("adapter_model.safetensors");
    try (SafetensorsWriter out = new SafetensorsWriter(weights, values.schema(), Map.of())) {
      for (Tensor tensor : values.schema().tensors()) {
        float[] all = values.values(tensor.name());
        out.write(new Unit(List.of(tensor), 0, all.length), all);
      }
      out.commit();
    }
  }

  /**
   * Opens a folder for one model.
   *
   * @throws SitsOut when a file is missing or broken, asks for what no method here can do, or does
   *     not belong to the model; the message names file and key, or tensor
   */
  public Opened open(Path folder, Architecture model) {
    Adapter adapter = shape(folder, model);
    return new Opened(adapter, AdapterFolder.open(folder).read(adapter.schema()));
  }

  /** What stands where, by a folder's configuration alone. */
  public Adapter shape(Path folder, Architecture model) {
    return read(AdapterConfig.of(AdapterFolder.open(folder)), model);
  }

  private Adapter read(AdapterConfig config, Architecture model) {
    if (config.type().equals(Together.TYPE)) {
      Map<String, Adapter> adapters = new LinkedHashMap<>();
      config.inner("adapters").forEach((name, one) -> adapters.put(name, read(one, model)));
      return Together.of(model, adapters);
    }
    for (PeftMethod method : methods) {
      Optional<Adapter> adapter = method.read(config, model);
      if (adapter.isPresent()) {
        return adapter.get();
      }
    }
    throw config.odd(
        "peft_type",
        "one that a method here reads; installed are "
            + methods.stream().map(method -> method.getClass().getSimpleName()).toList());
  }
}
