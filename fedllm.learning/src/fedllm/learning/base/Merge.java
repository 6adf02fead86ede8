package fedllm.learning.base;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.Refused;
import fedllm.api.trainer.Progress;
import fedllm.format.Dtype;
import fedllm.format.JsonFile;
import fedllm.format.ModelFolder;
import fedllm.format.ModelTensors;
import fedllm.format.ModelWriter;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Weight;
import fedllm.learning.peft.Adapters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A model's files with an adapter folded into their weights: one weight at a time is in memory. The
 * base's own files stay as they are.
 */
public final class Merge {

  private static final int PIECE_VALUES = 1 << 22;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ModelFolder folder;
  private final Architecture model;
  private final Adapters.Opened adapter;
  private final Map<String, Weight> weights = new HashMap<>();

  /** Of an adapter that was opened for this model. */
  public Merge(ModelFolder folder, Architecture model, Adapters.Opened adapter) {
    this.folder = folder;
    this.model = model;
    this.adapter = adapter;
    model.weights().forEach(weight -> weights.put(weight.name(), weight));
  }

  /**
   * Writes the whole model to a folder that is not there yet or empty.
   *
   * @param dtype F32, F16 or BF16, of all weights that are such; null for each as it was
   * @param maxShardBytes the weights' bytes in one file, at most
   * @throws Refused when the adapter cannot be folded into weights, or the folder not be written
   */
  public ModelFolder write(Path out, Dtype dtype, long maxShardBytes, Progress progress)
      throws IOException {
    try (ModelTensors tensors = ModelTensors.open(folder);
        Folding folding = new Folding(model, adapter)) {
      Map<String, TensorInfo> homes = new HashMap<>();
      List<ModelWriter.Entry> entries = new ArrayList<>();
      for (TensorInfo tensor : tensors.all()) {
        homes.put(model.weight(tensor.name()), tensor);
        Dtype kept = dtype != null && tensor.dtype().isFloat() ? dtype : tensor.dtype();
        entries.add(new ModelWriter.Entry(tensor.name(), kept, tensor.shape()));
      }
      TreeSet<String> missing = new TreeSet<>(folding.weights());
      missing.removeAll(homes.keySet());
      if (!missing.isEmpty()) {
        throw new Refused(
            folder.folder()
                + ": no weight file holds "
                + missing.first()
                + "; nothing to merge into");
      }
      try (ModelWriter writer = new ModelWriter(out, entries, maxShardBytes)) {
        for (int i = 0; i < entries.size(); i++) {
          TensorInfo tensor = tensors.all().get(i);
          String name = model.weight(tensor.name());
          if (folding.weights().contains(name)) {
            float[] values = folded(tensors, homes, folding, name);
            writer.write(tensor.name(), values, 0, values.length);
          } else {
            copy(tensors.file(tensor.name()), tensor, entries.get(i).dtype(), writer);
          }
          progress.at("tensor", i + 1L, entries.size());
        }
        beside(writer, dtype);
        return writer.commit();
      }
    }
  }

  private float[] folded(
      ModelTensors tensors, Map<String, TensorInfo> homes, Folding folding, String name) {
    String site = name.substring(0, name.lastIndexOf('.'));
    Weight weight = weights.get(site + ".weight");
    List<Long> shape = weight.tensor().shape();
    float[] values =
        folding.fold(
            name,
            read(tensors, homes, site + ".weight"),
            shape.get(1),
            homes.containsKey(site + ".bias") ? read(tensors, homes, site + ".bias") : null);
    return weights.get(name).transposed()
        ? Weights.transpose(values, Math.toIntExact(shape.get(1)))
        : values;
  }

  private float[] read(ModelTensors tensors, Map<String, TensorInfo> homes, String name) {
    TensorInfo tensor = homes.get(name);
    Weight weight = weights.get(name);
    SafetensorsFile file = tensors.file(tensor.name());
    Weights.check(file, tensor, weight);
    int rows = Math.toIntExact(weight.tensor().shape().get(0));
    return Weights.rows(file, tensor, weight, 0, rows);
  }

  private static void copy(SafetensorsFile file, TensorInfo tensor, Dtype dtype, ModelWriter writer)
      throws IOException {
    boolean asItIs = dtype == tensor.dtype();
    float[] piece = new float[asItIs ? 0 : (int) Math.min(PIECE_VALUES, tensor.elements())];
    for (long from = 0; from < tensor.elements(); from += PIECE_VALUES) {
      int count = (int) Math.min(PIECE_VALUES, tensor.elements() - from);
      if (asItIs) {
        int bytes = dtype.bytes();
        writer.write(tensor.name(), file.slice(tensor, from * bytes, count * bytes));
      } else {
        file.floats(tensor, from, piece, 0, count);
        writer.write(tensor.name(), piece, 0, count);
      }
    }
  }

  /** Configuration, tokenizer, templates, licence: what is small and no weights. */
  private void beside(ModelWriter writer, Dtype dtype) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder.folder())) {
      files = all.filter(Files::isRegularFile).filter(Merge::belongs).sorted().toList();
    }
    for (Path file : files) {
      boolean typed = dtype != null && file.equals(folder.config());
      writer.file(file.getFileName().toString(), typed ? typed(dtype) : Files.readAllBytes(file));
    }
  }

  private static boolean belongs(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return (name.endsWith(".json") && !name.endsWith(".index.json") && !name.startsWith("adapter_"))
        || name.endsWith(".txt")
        || name.endsWith(".model")
        || name.endsWith(".jinja")
        || name.startsWith("license")
        || name.startsWith("notice");
  }

  /** Other tools compute in the type that the configuration names. */
  private byte[] typed(Dtype dtype) throws IOException {
    ObjectNode config = (ObjectNode) JsonFile.object(folder.config(), "name a model's folder");
    String name =
        switch (dtype) {
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> "float32";
        };
    config.put(config.has("dtype") ? "dtype" : "torch_dtype", name);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config);
  }
}
