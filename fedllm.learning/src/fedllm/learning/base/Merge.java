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
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Weight;
import fedllm.learning.peft.Adapters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  private final NewHead head;
  private final Map<String, Weight> weights = new HashMap<>();

  /** Of an adapter that was opened for this model. */
  public Merge(ModelFolder folder, Architecture model, Adapters.Opened adapter) {
    this(folder, model, adapter, List.of());
  }

  /**
   * Of an adapter that was opened for this model.
   *
   * @param labels names of the classes, in order; none for what the files say, or for numbers
   * @throws Refused when there are not as many labels as classes
   */
  public Merge(
      ModelFolder folder, Architecture model, Adapters.Opened adapter, List<String> labels) {
    this.folder = folder;
    this.model = model;
    this.adapter = adapter;
    this.head = new NewHead(ModelConfig.read(folder.config()), model.head(), labels);
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
      Map<String, ModelWriter.Entry> entries = new LinkedHashMap<>();
      for (TensorInfo tensor : tensors.all()) {
        String name = model.weight(tensor.name());
        homes.put(name, tensor);
        if (head.isNew() && !weights.containsKey(name)) {
          continue; // of another head
        }
        Dtype kept = dtype != null && tensor.dtype().isFloat() ? dtype : tensor.dtype();
        // Who reads files with a head looks for its names beside the model's own.
        String written = head.isNew() ? name : tensor.name();
        entries.put(name, new ModelWriter.Entry(written, kept, tensor.shape()));
      }
      for (Weight weight : model.weights()) {
        if (!homes.containsKey(weight.name())) {
          entries.put(weight.name(), made(weight, folding, dtype));
        }
      }
      List<ModelWriter.Entry> all = List.copyOf(entries.values());
      try (ModelWriter writer = new ModelWriter(out, all, maxShardBytes)) {
        int done = 0;
        for (Map.Entry<String, ModelWriter.Entry> one : entries.entrySet()) {
          String written = one.getValue().name();
          if (folding.weights().contains(one.getKey())) {
            float[] values = folded(tensors, homes, folding, one.getKey());
            writer.write(written, values, 0, values.length);
          } else if (homes.get(one.getKey()) == null) {
            float[] none = new float[Math.toIntExact(weights.get(one.getKey()).tensor().size())];
            writer.write(written, none, 0, none.length);
          } else {
            TensorInfo tensor = homes.get(one.getKey());
            copy(tensors.file(tensor.name()), tensor, one.getValue(), writer);
          }
          progress.at("tensor", ++done, entries.size());
        }
        beside(writer, dtype);
        return writer.commit();
      }
    }
  }

  /** A weight of a head that the base's files lack, and the adapter trains. */
  private ModelWriter.Entry made(Weight weight, Folding folding, Dtype dtype) {
    if (!folding.weights().contains(weight.name()) && !isMissingBias(weight)) {
      throw new Refused(
          folder.folder()
              + ": no weight file holds "
              + weight.name()
              + ", and the adapter does not train it; nothing to merge into");
    }
    List<Long> shape = new ArrayList<>(weight.tensor().shape());
    if (weight.transposed()) {
      Collections.reverse(shape);
    }
    return new ModelWriter.Entry(weight.name(), dtype == null ? Dtype.F32 : dtype, shape);
  }

  /** Which is zero beside a matrix of a head that is trained. */
  private static boolean isMissingBias(Weight weight) {
    return weight.optional() && weight.role() == Weight.Role.VECTOR;
  }

  private float[] folded(
      ModelTensors tensors, Map<String, TensorInfo> homes, Folding folding, String name) {
    String site = name.substring(0, name.lastIndexOf('.'));
    Weight weight = weights.get(site + ".weight");
    List<Long> shape = weight.tensor().shape();
    float[] values =
        folding.fold(
            name,
            homes.containsKey(site + ".weight")
                ? read(tensors, homes, site + ".weight")
                : new float[Math.toIntExact(weight.tensor().size())],
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

  private static void copy(
      SafetensorsFile file, TensorInfo tensor, ModelWriter.Entry to, ModelWriter writer)
      throws IOException {
    boolean asItIs = to.dtype() == tensor.dtype();
    float[] piece = new float[asItIs ? 0 : (int) Math.min(PIECE_VALUES, tensor.elements())];
    for (long from = 0; from < tensor.elements(); from += PIECE_VALUES) {
      int count = (int) Math.min(PIECE_VALUES, tensor.elements() - from);
      if (asItIs) {
        int bytes = to.dtype().bytes();
        writer.write(to.name(), file.slice(tensor, from * bytes, count * bytes));
      } else {
        file.floats(tensor, from, piece, 0, count);
        writer.write(to.name(), piece, 0, count);
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
      boolean changed = file.equals(folder.config()) && (dtype != null || head.isNew());
      writer.file(
          file.getFileName().toString(), changed ? config(dtype) : Files.readAllBytes(file));
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

  private byte[] config(Dtype dtype) throws IOException {
    ObjectNode config = (ObjectNode) JsonFile.object(folder.config(), "name a model's folder");
    if (dtype != null) {
      // Other tools compute in the type that the configuration names.
      String name =
          switch (dtype) {
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            default -> "float32";
          };
      config.put(config.has("dtype") ? "dtype" : "torch_dtype", name);
    }
    if (head.isNew()) {
      head.write(config);
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config);
  }
}
