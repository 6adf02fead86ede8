package fedllm.api.tensor;

import java.util.ArrayList;
import java.util.List;

/** The values of a schema's tensors, each in row-major order; whoever made it owns the arrays. */
public final class Tensors {

  private final Schema schema;
  private final List<float[]> values;

  /** All zero. */
  public Tensors(Schema schema) {
    this.schema = schema;
    this.values = new ArrayList<>(schema.tensors().size());
    for (Tensor tensor : schema.tensors()) {
      values.add(new float[Math.toIntExact(tensor.size())]);
    }
  }

  /** Takes over one array for each tensor. */
  public Tensors(Schema schema, List<float[]> values) {
    if (values.size() != schema.tensors().size()) {
      throw new IllegalArgumentException(
          values.size() + " arrays for " + schema.tensors().size() + " tensors");
    }
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).length != schema.tensors().get(i).size()) {
        throw new IllegalArgumentException(
            values.get(i).length + " values for " + schema.tensors().get(i));
      }
    }
    this.schema = schema;
    this.values = List.copyOf(values);
  }

  /** What the tensors are called and how they are shaped. */
  public Schema schema() {
    return schema;
  }

  /** The array itself, not a copy. */
  public float[] values(int tensor) {
    return values.get(tensor);
  }

  /** The array itself, not a copy. */
  public float[] values(String name) {
    int tensor = schema.indexOf(name);
    if (tensor < 0) {
      throw new IllegalArgumentException("no tensor is called " + name);
    }
    return values.get(tensor);
  }

  /** A copy that shares nothing. */
  public Tensors copy() {
    List<float[]> copies = new ArrayList<>(values.size());
    for (float[] array : values) {
      copies.add(array.clone());
    }
    return new Tensors(schema, copies);
  }

  /** Subtracts another of the same schema from this one, in place. */
  public Tensors minus(Tensors other) {
    if (!schema.equals(other.schema)) {
      throw new IllegalArgumentException("the tensors differ: " + schema + " and " + other.schema);
    }
    for (int t = 0; t < values.size(); t++) {
      float[] mine = values.get(t);
      float[] theirs = other.values.get(t);
      for (int i = 0; i < mine.length; i++) {
        mine[i] -= theirs[i];
      }
    }
    return this;
  }
}
