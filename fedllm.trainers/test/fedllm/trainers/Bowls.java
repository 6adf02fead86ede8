package fedllm.trainers;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A trainer without a model, by plain gradient steps: each client's loss is a bowl of its own,
 * {@code Σ a_i (w_i - b_i)² / 2}, whose bottom is elsewhere and whose sides are steeper or flatter
 * than others'.
 */
public record Bowls(int steps, double rate) implements Trainer {

  /** How many values there are. */
  public static final int WIDTH = 6;

  private static final Schema SCHEMA =
      new Schema(List.of(new Tensor("m", "w", List.of((long) WIDTH))));

  /** a_i. */
  public static double curve(String client, int i) {
    return 0.5 + 2.5 * uniform(client, i, "curve");
  }

  /** b_i. */
  public static double bottom(String client, int i) {
    return 4 * uniform(client, i, "bottom") - 2;
  }

  private static double uniform(String client, int i, String purpose) {
    float[] one = new float[1];
    Philox.of(9, 0, client, 0, purpose).uniforms(i, one, 1);
    return one[0];
  }

  /** Where the mean of the clients' losses is least. */
  public static double lowest(List<String> clients, int i) {
    double sum = clients.stream().mapToDouble(c -> curve(c, i) * bottom(c, i)).sum();
    return sum / clients.stream().mapToDouble(c -> curve(c, i)).sum();
  }

  @Override
  public Training open(Options options, Site site) {
    String client = site.scope().client();
    return new Analytic(
        at(0),
        steps,
        rate,
        (w, gradient) -> {
          for (int i = 0; i < WIDTH; i++) {
            gradient.values(0)[i] =
                (float) (curve(client, i) * (w.values(0)[i] - bottom(client, i)));
          }
        });
  }

  /** All values are the same. */
  public static Tensors at(float value) {
    Tensors tensors = new Tensors(SCHEMA);
    Arrays.fill(tensors.values(0), value);
    return tensors;
  }

  /** An order of a round. */
  public static Work work(int round) {
    return new Work(round, Map.of(), SmallClient.QUIET);
  }

  /** A client's. */
  public static Site site(String client) {
    return new Site() {
      @Override
      public Scope scope() {
        return new Scope("run", client, 1);
      }

      @Override
      public Path base() {
        throw new UnsupportedOperationException("there is no model");
      }

      @Override
      public Data data() {
        return new Data() {
          @Override
          public Stream<Example> train() {
            return Stream.empty();
          }

          @Override
          public Stream<Example> heldOut() {
            return Stream.empty();
          }
        };
      }

      @Override
      public <K> Choice<K> choice(String key, Class<K> contract) {
        throw new UnsupportedOperationException("the job names no " + key);
      }
    };
  }
}
