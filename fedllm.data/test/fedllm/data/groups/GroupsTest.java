package fedllm.data.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.data.file.Given;
import fedllm.data.text.Text;
import fedllm.testkit.PartitionerContract;
import fedllm.testkit.TestOptions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GroupsTest implements PartitionerContract {

  @Override
  public Partitioner partitioner() {
    return new Groups();
  }

  @Override
  public Options options() {
    return by("label");
  }

  @Test
  void keepsAGroupTogether() {
    List<Row> rows = PartitionerContract.rows(3000);
    List<Integer> cut = cut(rows, 7, 42);
    Map<String, Integer> parts = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      Integer before = parts.put(rows.get(i).fields().get("label"), cut.get(i));
      assertTrue(before == null || before.equals(cut.get(i)));
    }
  }

  @Test
  void asManyPartsAsGroupsGetOneEach() {
    List<Row> rows = PartitionerContract.rows(3000);
    assertEquals(40, rows.stream().map(row -> row.fields().get("label")).distinct().count());
    assertEquals(40, new HashSet<>(cut(rows, 40, 42)).size());
  }

  @Test
  void refusesARowWithoutTheFieldAndRepeatsNothingOfIt() {
    Partition partition = new Groups().open(by("author"), 3, 1);
    SitsOut error =
        assertThrows(SitsOut.class, () -> partition.part(0, PartitionerContract.rows(1).get(0)));
    assertTrue(error.getMessage().contains("author"), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
  }

  @Test
  void cutsRealSpeechesBySpeaker() {
    Options headings = TestOptions.of(Text.Config.class, Map.of("heading", ":"));
    Partition partition = new Groups().open(by("heading"), 5, 1);
    Map<Integer, Set<String>> speakers = new HashMap<>();
    try (Stream<Row> rows = new Text().read(headings, Given.real("tinyshakespeare/input.txt"))) {
      int number = 0;
      for (Row row : (Iterable<Row>) rows::iterator) {
        speakers
            .computeIfAbsent(partition.part(number++, row), part -> new HashSet<>())
            .add(row.fields().get("heading"));
      }
    }
    int all = speakers.values().stream().mapToInt(Set::size).sum();
    Set<String> different = new HashSet<>();
    speakers.values().forEach(different::addAll);
    assertEquals(different.size(), all, "nobody speaks in two parts");
    assertEquals(5, speakers.size());
    assertTrue(different.contains("First Citizen"));
  }

  private static Options by(String field) {
    return TestOptions.of(Groups.Config.class, Map.of("by", field));
  }
}
