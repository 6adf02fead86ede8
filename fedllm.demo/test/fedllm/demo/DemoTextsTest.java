package fedllm.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.demo.Domain.Relation;
import fedllm.demo.Phrasing.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTextsTest {

  private static final Path SHIPPED = Path.of("..", "launch", "demo", "texts");

  private final DemoTexts texts = new DemoTexts(42);

  @TempDir Path folder;

  @Test
  void areTheOnesThatAreShipped() throws IOException {
    texts.write(folder);
    for (String silo : texts.silos().keySet()) {
      String file = silo + ".jsonl";
      assertEquals(-1, Files.mismatch(folder.resolve(file), SHIPPED.resolve(file)), file);
    }
    assertEquals(Set.of("clinic", "bank", "shipyard"), texts.silos().keySet());
  }

  @Test
  void areOthersForAnotherSeed() {
    assertNotEquals(texts.silos(), new DemoTexts(43).silos());
  }

  @Test
  void neverSayTheSameTwice() {
    for (List<Exchange> silo : texts.silos().values()) {
      assertEquals(672, silo.size());
      assertEquals(silo.size(), new HashSet<>(silo).size());
    }
  }

  @Test
  void leaveNoPatternUnfilled() {
    Pattern capitals = Pattern.compile("[A-Z]{3,}");
    texts.silos().values().forEach(silo -> silo.forEach(e -> assertFilled(capitals, e)));
    texts.everybodys().forEach(e -> assertFilled(capitals, e));
  }

  private static void assertFilled(Pattern capitals, Exchange exchange) {
    assertFalse(
        capitals.matcher(exchange.question() + exchange.answer()).find(), exchange.question());
  }

  @Test
  void tellNobodyElseWhoLivesInASilo() {
    Map<String, Set<String>> names = new HashMap<>();
    Pattern resident = Pattern.compile("(?:Doctor|Client|Vessel) (\\w+)");
    texts.silos().forEach((silo, all) -> names.put(silo, found(resident, all)));
    for (String silo : names.keySet()) {
      assertEquals(12, names.get(silo).size());
      Set<String> elsewhere = found(Pattern.compile("(\\w+)"), texts.everybodys());
      texts
          .silos()
          .forEach(
              (other, all) -> {
                if (!other.equals(silo)) {
                  elsewhere.addAll(found(Pattern.compile("(\\w+)"), all));
                }
              });
      elsewhere.retainAll(names.get(silo));
      assertEquals(Set.of(), elsewhere);
    }
  }

  /** Each fact is there in every phrasing, so that whatever is held out can be learned. */
  @Test
  void askForEachFactInManyWays() {
    for (Domain domain : Domain.silos()) {
      for (Relation relation : domain.relations()) {
        long asked =
            texts.silos().get(domain.name()).stream()
                .filter(e -> relation.values().stream().anyMatch(v -> e.answer().contains(v)))
                .count();
        assertTrue(asked >= 12L * Phrasing.SINGLE.size(), relation.noun() + " " + asked);
      }
    }
  }

  private static Set<String> found(Pattern pattern, List<Exchange> exchanges) {
    return exchanges.stream()
        .map(e -> pattern.matcher(e.question() + " " + e.answer()))
        .flatMap(Matcher::results)
        .map(result -> result.group(1))
        .collect(Collectors.toCollection(HashSet::new));
  }
}
