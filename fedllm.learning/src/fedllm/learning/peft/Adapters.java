package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.format.AdapterFolder;
import fedllm.format.SafetensorsWriter;
import fedllm.format.TensorInfo;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
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
   * Opens a folder for one model, of whose weights no value is made.
   *
   * @throws SitsOut as {@link #open(Path, Architecture, Frozen)}, and where a value is
   */
  public Opened open(Path folder, Architecture model) {
    return open(
        folder,
        model,
        (weight, from, count) -> {
          throw new SitsOut(
              folder
                  + ": its values are made again of the base's "
                  + weight
                  + ", which cannot be read here; merge it into a model first");
        });
  }

  /**
   * Opens a folder for one model.
   *
   * @param base asked for weights only where the values are {@linkplain Replayed made of them}
   * @throws SitsOut when a file is missing or broken, asks for what no method here can do, or does
   *     not belong to the model; the message names file and key, or tensor
   */
  public Opened open(Path folder, Architecture model, Frozen base) {
    AdapterFolder files = AdapterFolder.open(folder);
    AdapterConfig config = AdapterConfig.of(files);
    Adapter adapter = read(config, model);
    return new Opened(
        adapter,
        config.type().equals(Replayed.TYPE)
            ? Replayed.values(files, config, adapter, base)
            : files.read(adapter.schema()));
  }

  /**
   * The head that an adapter was trained with, where it tells classes and holds their layer; else
   * empty, and the model's own counts.
   *
   * @param models the model with any head
   */
  public static Optional<Head> head(Path folder, Function<Head, Architecture> models) {
    AdapterFolder files = AdapterFolder.open(folder);
    Head.Kind kind =
        switch (files.config().path("task_type").asText()) {
          case "SEQ_CLS" -> Head.Kind.SEQUENCE_CLASSES;
          case "TOKEN_CLS" -> Head.Kind.TOKEN_CLASSES;
          default -> Head.Kind.TOKENS;
        };
    if (kind == Head.Kind.TOKENS) {
      return Optional.empty();
    }
    // The matrix whose shape is the number of classes.
    Set<Tensor> two = tensors(models.apply(new Head(kind, 2)));
    Set<Tensor> three = tensors(models.apply(new Head(kind, 3)));
    three.removeAll(two);
    for (Tensor tensor : three) {
      String module = Adapter.PREFIX + "." + tensor.module() + ".";
      for (TensorInfo held : files.tensors()) {
        boolean whole = held.name().equals(module + tensor.parameter());
        if (tensor.shape().size() == 2 && (whole || held.name().equals(module + "lora_B.weight"))) {
          return Optional.of(new Head(kind, Math.toIntExact(held.shape().get(0))));
        }
      }
    }
    return Optional.empty();
  }

  private static Set<Tensor> tensors(Architecture model) {
    return model.weights().stream()
        .map(Weight::tensor)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** What stands where, by a folder's configuration alone. */
  public Adapter shape(Path folder, Architecture model) {
    return read(AdapterConfig.of(AdapterFolder.open(folder)), model);
  }

  private Adapter read(AdapterConfig config, Architecture model) {
    if (config.type().equals(Replayed.TYPE)) {
      return read(Replayed.adapter(config), model);
    }
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
