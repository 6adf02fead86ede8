package fedllm.runtime.silo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscretionTest {

  @TempDir private Path folder;
  private SiloConfig config;

  @BeforeEach
  void read() throws IOException {
    Path yaml = folder.resolve("silo.yaml");
    Files.writeString(
        yaml,
        """
        bases: { small: /models/of kim/small }
        data:
          notes:
            files:
              - { path: "/data/ward 7/notes of kim.jsonl", heldOut: "/data/ward 7/kept.jsonl" }
              - { path: more/letters.csv, heldOut: 0.1,
                  part: 1, of: 2, partition: { name: dirichlet, by: sickness } }
        """);
    config = SiloConfig.read(yaml);
  }

  private void assertOutward(String outward, String reason) {
    assertEquals(outward, config.outward(reason));
    assertEquals(reason, config.tellingFiles().outward(reason));
  }

  @Test
  void filesAreNumberedAndKeepTheirLines() {
    assertOutward("data notes, file 1:3: broken JSON", "notes of kim.jsonl:3: broken JSON");
    assertOutward(
        "data notes, file 1: no such file", "/data/ward 7/notes of kim.jsonl: no such file");
    assertOutward("data notes, file 1 (held out):1: x", "kept.jsonl:1: x");
    assertOutward(
        "[data notes, file 1, data notes, file 2 (part 9 of 9 by iid)]: nothing",
        "[notes of kim.jsonl, letters.csv (part 9 of 9 by iid)]: nothing");
    assertOutward(
        "the partition goes by the field (as its silo.yaml says), and dirichlet",
        "the partition goes by the field sickness, and dirichlet");
    assertOutward("in a folder of data notes", "in /data/ward 7");
  }

  @Test
  void foldersOfModelsAreNamedAsTheJobNamesThem() {
    assertOutward(
        "the base small/config.json: no model family",
        "/models/of kim/small/config.json: no model family");
  }

  @Test
  void ofSiloYamlOnlyTheLineIsTold() {
    assertOutward(
        "line 6 of its silo.yaml is wrong; see the silo's log",
        config.source() + ":6: no template is called kim\nnor lee");
  }

  @Test
  void aPathThatNobodyForesawIsTakenOut() {
    assertOutward("it is (a path of its own), or lower", "it is /home/kim/torch, or lower");
    assertOutward("(a path of its own): no", "/tmp/x: no");
  }

  @Test
  void whatNamesNoFileStaysAsItIs() {
    for (String reason :
        new String[] {
          "codec topk 0.2.0 is not installed",
          "example 3 has a label that is none of the 77 classes; lower and/or raise 1/2",
          "the data x is not here; this silo has [notes]; add it under data: in its silo.yaml"
        }) {
      assertOutward(reason, reason);
    }
  }
}
