package fedllm.format;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An adapter in PEFT layout: {@code adapter_config.json} and {@code adapter_model.safetensors},
 * whose tensors are called {@code base_model.model.MODULE.lora_A.weight} and so on.
 *
 * @param folder where it lies
 * @param config what {@code adapter_config.json} says; {@code peft_type} is there
 */
public record AdapterFolder(Path folder, JsonNode config) {

  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PICKLE = "adapter_model.bin";

  private static final String ADVICE =
      "name a folder in PEFT layout, as fedllm and PEFT's save_pretrained write it";

  /** As many names as a message shows. */
  private static final int SHOWN = 3;

  /**
   * Looks at a folder.
   *
   * @throws SitsOut when a file is missing, broken or a pickle; the message names it
   */
  public static AdapterFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new SitsOut(folder + ": no such folder; " + ADVICE);
    }
    JsonNode config = JsonFile.object(folder.resolve(CONFIG), ADVICE);
    if (!config.path("peft_type").isTextual()) {
      throw new SitsOut(folder.resolve(CONFIG) + ": has no peft_type; " + ADVICE);
    }
    AdapterFolder adapter = new AdapterFolder(folder, config);
    if (!Files.isRegularFile(adapter.weights())) {
      throw new SitsOut(
          Files.exists(folder.resolve(PICKLE))
              ? folder.resolve(PICKLE)
                  + ": is a pickle, which may run any code when it is opened, and is not read;"
                  + " convert it where you trust it: python -c \"import torch,"
                  + " safetensors.torch as s; s.save_file(torch.load('"
                  + PICKLE
                  + "', weights_only=True), '"
                  + WEIGHTS
                  + "', {'format': 'pt'})\""
              : adapter.weights() + ": is missing; " + ADVICE);
    }
    return adapter;
  }

  /** The weight file. */
  public Path weights() {
    return folder.resolve(WEIGHTS);
  }

  /** What the weight file holds, in the order of its bytes. */
  public List<TensorInfo> tensors() {
    try (SafetensorsFile file = SafetensorsFile.open(weights())) {
      return file.header().tensors();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Reads the values as 32-bit floats, after names, shapes and types were compared.
   *
   * @param schema what the adapter must hold, and nothing else
   * @throws SitsOut which names the file and what is missing, too much, of another shape or type,
   *     or not finite
   */
  public Tensors read(Schema schema) {
    try (SafetensorsFile file = SafetensorsFile.open(weights())) {
      checkNames(file.header(), schema);
      for (Tensor tensor : schema.tensors()) {
        check(file.tensor(tensor.name()), tensor);
      }
      Tensors tensors = new Tensors(schema);
      for (Tensor tensor : schema.tensors()) {
        float[] values = tensors.values(tensor.name());
        file.floats(file.tensor(tensor.name()), 0, values, 0, values.length);
        checkFinite(tensor, values);
      }
      return tensors;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private void checkNames(SafetensorsHeader header, Schema schema) {
    List<String> missing =
        schema.tensors().stream()
            .map(Tensor::name)
            .filter(name -> header.tensor(name) == null)
            .toList();
    List<String> surplus =
        header.tensors().stream()
            .map(TensorInfo::name)
            .filter(name -> schema.indexOf(name) < 0)
            .toList();
    List<String> wrong = new ArrayList<>();
    if (!missing.isEmpty()) {
      wrong.add("lacks " + some(missing));
    }
    if (!surplus.isEmpty()) {
      wrong.add("holds " + some(surplus) + ", which this adapter on this model has not");
    }
    if (!wrong.isEmpty()) {
      throw new SitsOut(
          weights()
              + ": "
              + String.join(" and ", wrong)
              + "; compare "
              + CONFIG
              + " with the job's peft and base");
    }
  }

  private void check(TensorInfo held, Tensor wanted) {
    if (!held.shape().equals(wanted.shape())) {
      throw new SitsOut(weights() + ": " + held + " should have the shape " + wanted.shape());
    }
    if (!held.dtype().isFloat()) {
      throw new SitsOut(weights() + ": " + held + " should be F32, F16 or BF16");
    }
  }

  private void checkFinite(Tensor tensor, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new SitsOut(weights() + ": " + tensor + " is " + values[i] + " at value " + i);
      }
    }
  }

  private static String some(List<String> names) {
    String shown = String.join(", ", names.stream().limit(SHOWN).map(Shown::name).toList());
    return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
  }

  private SitsOut unreadable(IOException e) {
    return new SitsOut(weights() + ": cannot be read: " + e.getMessage(), e);
  }
}
