package fedllm.data.parquet;

import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import fedllm.data.talk.Turns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/** One record that becomes a flat row. */
final class FlatGroup {

  private final long number;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private List<Turn> turns = List.of();

  FlatGroup(long number) {
    this.number = number;
  }

  Row read(Group record) {
    GroupType type = record.getType();
    for (int i = 0; i < type.getFieldCount(); i++) {
      String name = type.getFieldName(i);
      if (Turns.LISTS.contains(name) && isListOfStructures(type.getType(i))) {
        if (!turns.isEmpty()) {
          throw new SitsOut("the row has two conversations; keep one of them");
        }
        turns = turns(elements(record, i));
      } else {
        field(name, record, i, fields);
      }
    }
    return new Row(number, fields, turns);
  }

  private static boolean isListOfStructures(Type type) {
    return isList(type)
        && type.asGroupType().getType(0) instanceof GroupType list
        && !element(list).isPrimitive();
  }

  private static List<Turn> turns(List<Value> said) {
    List<Turn> turns = new ArrayList<>();
    for (Value value : said) {
      Map<String, String> turn = new LinkedHashMap<>();
      value.addTo("", turn);
      String wrong = Turns.wrong(turn);
      if (wrong != null) {
        throw new SitsOut("turn " + (turns.size() + 1) + " " + wrong);
      }
      turns.add(Turns.of(turn));
    }
    return turns;
  }

  /** A value at its place: the {@code index}th of a field that may repeat. */
  private record Value(Group of, int field, int index) {

    Type type() {
      return of.getType().getType(field);
    }

    boolean isThere() {
      return of.getFieldRepetitionCount(field) > index;
    }

    void addTo(String name, Map<String, String> fields) {
      if (!isThere()) {
        fields.put(name, "");
      } else if (type().isPrimitive()) {
        String text = Texts.of(of, field, index);
        if (text != null) {
          fields.put(name, text);
        }
      } else if (isList(type())) {
        list(name, elements(of.getGroup(field, index), 0), fields);
      } else if (type().getLogicalTypeAnnotation() instanceof MapLogicalTypeAnnotation) {
        map(name, of.getGroup(field, index), fields);
      } else {
        structure(name.isEmpty() ? "" : name + ".", of.getGroup(field, index), fields);
      }
    }
  }

  private static void field(String name, Group of, int field, Map<String, String> fields) {
    if (of.getType().getType(field).isRepetition(Type.Repetition.REPEATED)) {
      list(name, repeated(of, field), fields);
    } else {
      new Value(of, field, 0).addTo(name, fields);
    }
  }

  private static void structure(String prefix, Group group, Map<String, String> fields) {
    for (int i = 0; i < group.getType().getFieldCount(); i++) {
      field(prefix + group.getType().getFieldName(i), group, i, fields);
    }
  }

  private static void list(String name, List<Value> elements, Map<String, String> fields) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i).type().isPrimitive()) {
        Map<String, String> line = new LinkedHashMap<>();
        elements.get(i).addTo("", line);
        lines.addAll(line.values());
      } else {
        elements.get(i).addTo(name + "." + i, fields);
      }
    }
    if (!lines.isEmpty() || elements.isEmpty()) {
      fields.put(name, String.join("\n", lines));
    }
  }

  private static void map(String name, Group map, Map<String, String> fields) {
    for (Value entry : repeated(map, 0)) {
      Group pair = entry.of().getGroup(entry.field(), entry.index());
      String key = Texts.of(pair, 0, 0);
      if (pair.getType().getFieldCount() > 1 && key != null) {
        field(name + "." + key, pair, 1, fields);
      }
    }
  }

  private static boolean isList(Type type) {
    return !type.isPrimitive()
        && type.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation
        && type.asGroupType().getFieldCount() == 1
        && type.asGroupType().getType(0).isRepetition(Type.Repetition.REPEATED);
  }

  /** Of a list as it is written today: a group that repeats, around one element. */
  private static boolean wraps(Type repeated) {
    return repeated instanceof GroupType group
        && group.getFieldCount() == 1
        && !group.getName().equals("array")
        && !group.getName().endsWith("_tuple");
  }

  private static Type element(GroupType repeated) {
    return wraps(repeated) ? repeated.getType(0) : repeated;
  }

  /** The elements of a list; {@code field} is the list itself, or what repeats inside it. */
  private static List<Value> elements(Group of, int field) {
    Type type = of.getType().getType(field);
    if (isList(type)) {
      return of.getFieldRepetitionCount(field) == 0
          ? List.of()
          : elements(of.getGroup(field, 0), 0);
    }
    List<Value> elements = repeated(of, field);
    return wraps(type)
        ? elements.stream().map(e -> new Value(of.getGroup(field, e.index()), 0, 0)).toList()
        : elements;
  }

  private static List<Value> repeated(Group of, int field) {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < of.getFieldRepetitionCount(field); i++) {
      values.add(new Value(of, field, i));
    }
    return values;
  }
}
