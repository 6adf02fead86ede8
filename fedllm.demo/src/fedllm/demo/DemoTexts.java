package fedllm.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import fedllm.api.random.Philox;
import fedllm.demo.Domain.Resident;
import fedllm.demo.Phrasing.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The demo's texts, the same for the same seed on any machine. Each silo knows what no other text
 * says: what is true of its own people. Its questions come in all phrasings of the language, so
 * that one who learned some of them can answer those held out. The public texts teach the language
 * alone.
 */
final class DemoTexts {

  private static final int RESIDENTS_OF_A_SILO = 12;
  private static final int RESIDENTS_OF_THE_PUBLIC = 24;
  private static final int STRANGE_DOMAINS = 120;

  private final Map<String, List<Exchange>> silos = new LinkedHashMap<>();
  private final List<Exchange> everybodys = new ArrayList<>();

  DemoTexts(long seed) {
    Set<String> names = new HashSet<>();
    for (Domain domain : Domain.silos()) {
      silos.put(domain.name(), exchanges(seed, domain, RESIDENTS_OF_A_SILO, names));
    }
    for (Domain domain : Domain.everybodys()) {
      everybodys.addAll(exchanges(seed, domain, RESIDENTS_OF_THE_PUBLIC, names));
    }
    for (Domain domain : Domain.strange(seed, STRANGE_DOMAINS)) {
      everybodys.addAll(exchanges(seed, domain, 1, names));
    }
    shuffle(everybodys, Philox.of(seed, 0, "public", 0, "order of texts"));
  }

  /** The private texts by silo. */
  Map<String, List<Exchange>> silos() {
    return Collections.unmodifiableMap(silos);
  }

  /** The texts for pretraining. */
  List<Exchange> everybodys() {
    return Collections.unmodifiableList(everybodys);
  }

  /** Writes one file for each silo, {@code clinic.jsonl} and so on. */
  void write(Path folder) throws IOException {
    ObjectMapper json = new JsonMapper();
    Files.createDirectories(folder);
    for (Map.Entry<String, List<Exchange>> silo : silos.entrySet()) {
      StringBuilder lines = new StringBuilder();
      for (Exchange exchange : silo.getValue()) {
        lines.append(json.writeValueAsString(exchange)).append('\n');
      }
      Files.writeString(folder.resolve(silo.getKey() + ".jsonl"), lines);
    }
  }

  private static List<Exchange> exchanges(
      long seed, Domain domain, int residents, Set<String> names) {
    List<Exchange> exchanges = new ArrayList<>();
    for (Resident resident : domain.settle(seed, residents, names)) {
      for (int first = 0; first < domain.relations().size(); first++) {
        for (Phrasing phrasing : Phrasing.SINGLE) {
          exchanges.add(phrasing.about(domain, resident, first, first));
        }
        for (int second = 0; second < domain.relations().size(); second++) {
          for (Phrasing phrasing : first == second ? List.<Phrasing>of() : Phrasing.DOUBLE) {
            exchanges.add(phrasing.about(domain, resident, first, second));
          }
        }
      }
    }
    shuffle(exchanges, Philox.of(seed, 0, domain.name(), 0, "order of texts"));
    return exchanges;
  }

  /** Fisher and Yates. */
  private static void shuffle(List<Exchange> exchanges, Philox random) {
    for (int i = exchanges.size() - 1; i > 0; i--) {
      Collections.swap(exchanges, i, random.below(i, i + 1));
    }
  }
}
