package fedllm.trainers;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.trainer.Site;
import fedllm.learning.peft.PeftMethod;
import fedllm.peft.lora.Lora;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A silo that trains on a list of examples. */
public record Place(
    Path base, Scope scope, List<Example> train, List<Example> heldOut, Choice<PeftMethod> peft)
    implements Site {

  /** By LoRA. */
  public Place(Path base, Scope scope, List<Example> train, List<Example> heldOut, Options lora) {
    this(base, scope, train, heldOut, new Choice<>(new Lora(), lora));
  }

  @Override
  public Data data() {
    return new Data() {
      @Override
      public Stream<Example> train() {
        return train.stream();
      }

      @Override
      public Stream<Example> heldOut() {
        return heldOut.stream();
      }
    };
  }

  @Override
  public <K> Choice<K> choice(String key, Class<K> contract) {
    if (!key.equals("peft") || contract != PeftMethod.class) {
      throw new IllegalArgumentException(key);
    }
    return new Choice<>(contract.cast(peft.plugin()), peft.options());
  }
}
