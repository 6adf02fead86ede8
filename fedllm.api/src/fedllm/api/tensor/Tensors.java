package fedllm.api.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

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

  /** Those that pass a test, in order; the arrays are the same ones. */
  public Tensors only(Predicate<Tensor> which) {
    Schema some = new Schema(schema.tensors().stream().filter(which).toList());
    return of(some, this);
  }

  /** The tensors of a schema, each from the first that has it; the arrays are the same ones. */
  public static Tensors of(Schema schema, Tensors... from) {
    List<float[]> arrays = new ArrayList<>();
    for (Tensor tensor : schema.tensors()) {
      Tensors has =
          Arrays.stream(from)
              .filter(one -> one.schema.indexOf(tensor.name()) >= 0)
              .findFirst()
              .orElseThrow(
                  () -> new IllegalArgumentException("no tensor is called " + tensor.name()));
      arrays.add(has.values(tensor.name()));
    }
    return new Tensors(schema, arrays);
  }

  /** Adds another of the same schema to this one, in place. */
  public Tensors plus(Tensors other) {
    requireSame(other);
    for (int t = 0; t < values.size(); t++) {
      float[] mine = values.get(t);
      float[] theirs = other.values.get(t);
      for (int i = 0; i < mine.length; i++) {
        mine[i] += theirs[i];
      }
    }
    return this;
  }

  private void requireSame(Tensors other) {
    if (!schema.equals(other.schema)) {
      throw new IllegalArgumentException("the tensors differ: " + schema + " and " + other.schema);
    }
  }

  /** Subtracts another of the same schema from this one, in place. */
  public Tensors minus(Tensors other) {
    requireSame(other);
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
