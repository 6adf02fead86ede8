package fedllm.runtime.server;

import fedllm.api.error.Refused;
import fedllm.format.Ed25519;
import fedllm.runtime.message.SignedText;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which key each silo signs with: the one in the administrator's list where there is such a list,
 * else the first that was ever heard of from it. One thread.
 */
final class SiloKeys {

  private static final Logger LOG = LoggerFactory.getLogger(SiloKeys.class);

  private final String federation;
  private final Path list;
  private final BiConsumer<String, String> pin;
  private final Map<String, String> pinned = new TreeMap<>();
  private final Map<String, String> refused = new TreeMap<>();
  private Map<String, String> known;
  private FileTime read;

  /** Where the newest upload of each silo began, by run. */
  private final Map<String, Map<String, Word.Begin>> begun = new TreeMap<>();

  /**
   * Knows nobody yet.
   *
   * @param list a line {@code NAME KEY} for each silo; need not be there
   * @param pin told of a silo and its key when it is heard of for the first time
   */
  SiloKeys(String federation, Path list, BiConsumer<String, String> pin) {
    this.federation = federation;
    this.list = list;
    this.pin = pin;
    look();
  }

  /** What the log says was heard of first. */
  void pinned(Map<String, String> before) {
    pinned.putAll(before);
  }

  /** Whether a silo may join with its key; else {@link #refused} says why not. */
  boolean admits(String silo, Word.Joined joined) {
    String why = why(silo, joined.key());
    if (why == null) {
      refused.remove(silo);
      return true;
    }
    refused.put(silo, why);
    return false;
  }

  private String why(String silo, String key) {
    if (key.isEmpty()) {
      return "it names no key that it signs with";
    }
    try {
      Ed25519.publicKey(key);
    } catch (IllegalArgumentException e) {
      return "the key that it names is none of Ed25519";
    }
    lookAgain();
    if (known != null && !known.containsKey(silo)) {
      return "it is not in " + list + "; its key is " + key;
    }
    String expected = known == null ? pinned.get(silo) : known.get(silo);
    if (expected == null) {
      pinned.put(silo, key);
      pin.accept(silo, key);
      return null;
    }
    return key.equals(expected)
        ? null
        : "its key is "
            + key
            + ", and "
            + (known == null ? "the first that was heard of was " : list + " says ")
            + expected
            + "; if its operator made a new one, write it into "
            + list;
  }

  /** Why silos were not let in, by name. */
  Map<String, String> refused() {
    return refused;
  }

  /** An upload begins. */
  void begins(String silo, Word.Begin begin) {
    begun.computeIfAbsent(silo, s -> new TreeMap<>()).put(begin.attempt().run(), begin);
  }

  /** A run has ended, so that nothing of it is signed any more. */
  void forget(String run) {
    begun.values().forEach(runs -> runs.remove(run));
  }

  /** Whether an upload of a run ever began, without which there is nothing to sign. */
  boolean hasBegun(String silo, String run) {
    return begun.getOrDefault(silo, Map.of()).containsKey(run);
  }

  /** Whether a manifest is by the silo itself, and of the upload that began last. */
  boolean signed(String silo, Word.Manifest manifest) {
    Word.Begin begin = begun.getOrDefault(silo, Map.of()).get(manifest.attempt().run());
    lookAgain();
    String key = known == null ? pinned.get(silo) : known.get(silo);
    if (begin == null || key == null || !begin.attempt().equals(manifest.attempt())) {
      return false;
    }
    try {
      return Ed25519.verify(
          Ed25519.publicKey(key),
          SignedText.of(federation, silo, begin, manifest),
          Base64.getDecoder().decode(manifest.signature()));
    } catch (IllegalArgumentException e) {
      return false; // no Base64
    }
  }

  /** While the server runs, a list that cannot be read changes nothing. */
  private void lookAgain() {
    try {
      look();
    } catch (Refused e) {
      LOG.error("{}; the list as it was before counts", e.getMessage());
    }
  }

  /** Takes the administrator's list as it is now, if it is there and has changed. */
  private void look() {
    try {
      FileTime changed = Files.exists(list) ? Files.getLastModifiedTime(list) : null;
      if (Objects.equals(changed, read)) {
        return;
      }
      read = changed;
      known = changed == null ? null : keys(Files.readAllLines(list, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new Refused(list + ", the keys of the silos, cannot be read: " + e, e);
    }
  }

  private Map<String, String> keys(List<String> lines) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String said = lines.get(i).replaceFirst("#.*", "").strip();
      if (!said.isEmpty()) {
        read(said.split("\\s+"), i + 1, keys);
      }
    }
    return keys;
  }

  private void read(String[] words, int line, Map<String, String> keys) {
    try {
      if (words.length != 2) {
        throw new IllegalArgumentException("a line is NAME KEY");
      }
      Topics.checkName("the silo", words[0]);
      Ed25519.publicKey(words[1]);
    } catch (IllegalArgumentException | Refused e) {
      throw new Refused(list + ", line " + line + ": " + e.getMessage(), e);
    }
    if (keys.put(words[0], words[1]) != null) {
      throw new Refused(list + ", line " + line + ": " + words[0] + " is there twice");
    }
  }
}
