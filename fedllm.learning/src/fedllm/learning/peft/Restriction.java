package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A client's share of an adapter: of each tensor that has ranks the first {@code rank}, as its
 * order says, all others whole. The equations stay as they are, and with them the scale: a product
 * counts alpha / (rank of the job), whatever a client's own rank. Immutable.
 */
public final class Restriction {

  /** The setting of an order that says how many ranks a client is given. */
  public static final String RANK = "rank";

  private final List<Parameter> parameters;
  private final Schema whole;
  private final Schema schema;

  private Restriction(List<Parameter> parameters, Schema whole, Schema schema) {
    this.parameters = parameters;
    this.whole = whole;
    this.schema = schema;
  }

  /**
   * What an order with these settings gives a client; everything where it says no rank.
   *
   * @throws SitsOut when the method has no ranks, or fewer
   */
  public static Restriction of(Adapter adapter, Map<String, Object> settings) {
    List<Parameter> parameters = adapter.parameters();
    Schema whole = adapter.schema();
    Object asked = settings.get(RANK);
    if (asked == null) {
      return new Restriction(parameters, whole, whole);
    }
    if (!(asked instanceof Integer rank) || rank < 1) {
      throw new SitsOut("the order gives the rank " + asked + "; it has to be a number above 0");
    }
    List<Tensor> tensors = new ArrayList<>();
    boolean ranked = false;
    for (int t = 0; t < parameters.size(); t++) {
      Parameter parameter = parameters.get(t);
      Tensor tensor = whole.tensors().get(t);
      if (parameter.rankAxis() >= 0) {
        ranked = true;
        long ranks = parameter.shape().get(parameter.rankAxis());
        if (rank > ranks) {
          throw new SitsOut(
              "the order gives the rank %d, but %s has %d; raise peft.rank or lower the planner's"
                  .formatted(rank, tensor, ranks));
        }
      }
      tensors.add(new Tensor(tensor.module(), tensor.parameter(), parameter.shape(rank)));
    }
    if (!ranked) {
      throw new SitsOut(
          "the order gives the rank "
              + rank
              + ", but the job's peft has none; name one that does, such as lora, or another"
              + " planner");
    }
    return new Restriction(parameters, whole, new Schema(tensors));
  }

  /** The share's tensors. */
  public Schema schema() {
    return schema;
  }

  /**
   * The share of a global state, in arrays of its own where it is not all of it; of a share itself.
   *
   * @throws SitsOut when the state has other tensors than the adapter
   */
  public Tensors of(Tensors global) {
    if (global.schema().equals(schema)) {
      return global;
    }
    if (!global.schema().equals(whole)) {
      throw new SitsOut(
          "the global state has other tensors than this silo's peft: "
              + global.schema()
              + ", not "
              + whole
              + "; check that plugins and base are the same everywhere");
    }
    List<float[]> values = new ArrayList<>();
    for (int t = 0; t < parameters.size(); t++) {
      values.add(first(t, global.values(t)));
    }
    return new Tensors(schema, values);
  }

  /** The first ranks of a tensor: of each run behind the axis's place so many. */
  private float[] first(int t, float[] all) {
    List<Long> shape = whole.tensors().get(t).shape();
    Tensor mine = schema.tensors().get(t);
    int axis = parameters.get(t).rankAxis();
    if (axis < 0) {
      return all.clone();
    }
    int inner = 1;
    for (int i = axis + 1; i < shape.size(); i++) {
      inner = Math.multiplyExact(inner, Math.toIntExact(shape.get(i)));
    }
    int step = Math.multiplyExact(inner, Math.toIntExact(shape.get(axis)));
    int run = Math.multiplyExact(inner, Math.toIntExact(mine.shape().get(axis)));
    float[] first = new float[Math.toIntExact(mine.size())];
    for (int from = 0, to = 0; to < first.length; from += step, to += run) {
      System.arraycopy(all, from, first, to, run);
    }
    return first;
  }
}
