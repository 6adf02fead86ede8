package fedllm.demo;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.random.Philox;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A small world: who lives in it, and what can be said of each.
 *
 * @param name what it is called
 * @param title stands before the names of those who live in it
 * @param relations what can be said of them
 */
record Domain(String name, String title, List<Relation> relations) {

  /**
   * Something that has one value for each who lives in a world.
   *
   * @param noun what the value is: {@code ward}
   * @param says stands between who and value: {@code looks after}
   * @param asks the same in a question: {@code look after}
   * @param values what it may be
   */
  record Relation(String noun, String says, String asks, List<String> values) {}

  /**
   * Somebody, and a value for each relation of the world.
   *
   * @param who title and name
   * @param values in the order of the relations
   */
  record Resident(String who, List<String> values) {}

  /** The worlds of three silos; their words and facts stand in no public text. */
  static List<Domain> silos() {
    return read("silos.json");
  }

  /** The worlds that everybody knows. */
  static List<Domain> everybodys() {
    return read("public.json");
  }

  /**
   * Worlds whose words are of no language: who reads of many of them learns to take in words that
   * it never saw.
   */
  static List<Domain> strange(long seed, int count) {
    List<Domain> domains = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Philox random = Philox.of(seed, 0, "strange", i, "words");
      List<Relation> relations = new ArrayList<>();
      for (int word = 1; word <= 9; word += 4) {
        String verb = word(random, word);
        String value = word(random, word + 1) + " " + word(random, word + 2);
        String noun = word(random, word + 3);
        relations.add(new Relation(noun, verb + "s", verb, List.of(value)));
      }
      String title = word(random, 13);
      String capital = title.substring(0, 1).toUpperCase(Locale.ROOT);
      domains.add(new Domain("strange " + i, capital + title.substring(1), relations));
    }
    return domains;
  }

  private static String word(Philox random, int number) {
    return Names.word(random, (long) number * Names.WORD_WORDS);
  }

  private static List<Domain> read(String resource) {
    try (InputStream in = Domain.class.getResourceAsStream(resource)) {
      return new ObjectMapper().readValue(in, new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  /** Settles people of invented names in this world; {@code taken} grows by their names. */
  List<Resident> settle(long seed, int count, Set<String> taken) {
    Philox random = Philox.of(seed, 0, name, 0, "residents");
    long position = 0;
    List<Resident> residents = new ArrayList<>();
    while (residents.size() < count) {
      String invented = Names.invent(random, position);
      position += Names.WORDS;
      if (taken.add(invented)) {
        List<String> values = new ArrayList<>();
        for (Relation relation : relations) {
          values.add(relation.values().get(random.below(position++, relation.values().size())));
        }
        residents.add(new Resident(title + " " + invented, values));
      }
    }
    return residents;
  }
}
