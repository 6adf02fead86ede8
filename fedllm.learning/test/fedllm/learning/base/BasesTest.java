package fedllm.learning.base;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BasesTest {

  @TempDir Path folder;

  private final Bases bases = new Bases(List.of(new Bigrams()));

  @BeforeEach
  void write() throws IOException {
    Folder.write(folder);
  }

  @Test
  void loadsEqualFilesOnceAndChangedFilesAnew() throws IOException {
    Path copy = Folder.write(folder.resolve("copy"));
    try (Base here = bases.open(folder);
        Base there = bases.open(copy)) {
      assertTrue(here == there);
    }
    Path weights = copy.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    try (Base here = bases.open(folder);
        Base changed = bases.open(copy)) {
      assertTrue(here != changed);
      assertFalse(Arrays.equals(here.values("middle.weight"), changed.values("middle.weight")));
    }
  }

  @Test
  void freesABaseWithItsLastUserAndLoadsItAgain() {
    Base first = bases.open(folder);
    Base second = bases.open(folder);
    first.close();
    assertTrue(second.manager().isOpen());
    second.close();
    assertTrue(!first.manager().isOpen());
    try (Base third = bases.open(folder)) {
      assertTrue(third.manager().isOpen());
    }
  }

  @Test
  void saysThatThereIsNoSuchFolder() {
    assertSays("no such folder", folder.resolve("nowhere"));
  }

  @Test
  void saysWhichFileIsMissing() throws IOException {
    Files.delete(folder.resolve("config.json"));
    assertSays("config.json: is missing", folder);
    Folder.write(folder);
    Files.delete(folder.resolve("model.safetensors"));
    assertSays("holds no *.safetensors", folder);
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"table.weight\": \"model-2.safetensors\"}}");
    assertSays("model-2.safetensors: is missing", folder);
  }

  @Test
  void saysThatTheIndexLeavesTheFolderOrIsNone() throws IOException {
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\": {\"table.weight\": \"../secret\"}}");
    assertSays("which is not in its folder", folder);
    Files.writeString(index, "{\"weight_map\": ");
    assertSays("index.json:1: is not JSON", folder);
    Files.writeString(index, "{}");
    assertSays("has no weight_map", folder);
  }

  @Test
  void saysThatAFileIsTruncatedWhereverItEnds() throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 7, 8, 100, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertSays("model.safetensors", folder);
    }
  }

  @Test
  void saysWhichTensorIsMissingOddOrTooMuch() throws IOException {
    Folder.write(folder, Folder.tensor("table", 5, 3));
    assertSays("no weight file holds middle.weight", folder);
    Folder.write(folder, Folder.tensor("table", 5, 3), Folder.tensor("middle", 3, 4));
    assertSays("should have the shape [3, 3]", folder);
    Folder.write(
        folder,
        Folder.tensor("table", 5, 3),
        Folder.tensor("middle", 3, 3),
        Folder.tensor("extra", 1));
    assertSays("extra.weight F32[1], which", folder);
  }

  @Test
  void saysWhichFamilyIsWantedAndWhichAreHere() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \"rwkv\", \"architectures\": [\"RwkvForCausalLM\"]}");
    assertSays("model_type rwkv, architectures [RwkvForCausalLM]; installed are [Bigrams]", folder);
  }

  @Test
  void saysWhereTheConfigurationIsWrong() throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(config, "{\"model_type\": \"bigrams\",\n \"vocab_size\": -1}");
    assertSays("vocab_size is -1, but should be a whole number above zero", folder);
    Files.writeString(config, "{\"model_type\": \"bigrams\",\n oops}");
    assertSays("config.json:2: is not JSON", folder);
    Files.writeString(config, "[]");
    assertSays("should be a JSON object", folder);
  }

  @Test
  void saysThatTheTokenizerIsMissingWhenItIsWanted() {
    try (Base base = bases.open(folder)) {
      SitsOut out = assertThrows(SitsOut.class, base::tokenizer);
      assertTrue(out.getMessage().contains("tokenizer.json"), out.getMessage());
    }
  }

  @Test
  void takesNoBaseForACopyWhoseFilesHaveChangedSinceItWasLoaded() throws IOException {
    Path copy = Folder.write(folder.resolve("copy"));
    try (Base before = bases.open(folder)) {
      Path weights = folder.resolve("model.safetensors");
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 1] ^= 1;
      Files.write(weights, bytes);
      Files.setLastModifiedTime(weights, FileTime.fromMillis(0)); // clocks of files are coarse
      Files.copy(weights, copy.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
      try (Base after = bases.open(copy)) {
        assertTrue(before != after);
      }
    }
  }

  @Test
  void opensOnceWhatHasNotChanged() throws IOException {
    try (Base base = bases.open(folder);
        Base again = bases.open(folder)) {
      assertTrue(base == again);
      Files.writeString(folder.resolve("config.json"), " ", StandardOpenOption.APPEND);
      try (Base changed = bases.open(folder)) {
        assertTrue(base != changed);
      }
    }
  }

  private void assertSays(String words, Path path) {
    SitsOut out = assertThrows(SitsOut.class, () -> bases.open(path).close());
    assertTrue(out.getMessage().contains(words), out.getMessage());
  }
}
