package fedllm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunCommandTest {

  @TempDir private Path folder;

  @Test
  void writesAnOutcomeAlsoForAJobThatIsRefused() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "federation: demo\ntrainr: x\n");
    Path json = folder.resolve("new/outcome.json");
    assertEquals(1, Main.execute("run", job.toString(), "--json", json.toString()));
    JsonNode exit = new ObjectMapper().readTree(Files.readString(json)).get("exit");
    assertEquals("REFUSED", exit.get("state").textValue());
    String reason = exit.get("reason").textValue();
    assertTrue(reason.startsWith("job.yaml:2: no key is called trainr"), reason);
  }

  @Test
  void writesAnOutcomeForAJobThatIsNotThere() throws Exception {
    Path json = folder.resolve("outcome.json");
    String job = folder.resolve("nowhere.yaml").toString();
    assertEquals(1, Main.execute("run", job, "--json", json.toString()));
    JsonNode outcome = new ObjectMapper().readTree(Files.readString(json));
    assertEquals("nowhere.yaml", outcome.get("job").textValue());
    assertEquals("there is no job " + job, outcome.at("/exit/reason").textValue());
  }
}
