package fedllm.data.cut;

import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;

/** The field by which a cut goes. */
public record Field(String name) {

  /** Its value in a row. */
  public String of(Row row) {
    String value = row.fields().get(name);
    if (value == null) {
      throw new SitsOut(
          "the partition goes by the field "
              + name
              + ", and none of the row's "
              + row.fields().size()
              + " is called so; name another field, or add the header if it is missing");
    }
    return value;
  }

  /** What to throw when it has more values than a field by which one cuts has. */
  public SitsOut tooMany(long values) {
    return new SitsOut(
        "the field " + name + " has more than " + values + " values; choose one that has fewer");
  }
}
