package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.methods.Catalogue;
import fedllm.cli.methods.Compared;
import fedllm.cli.methods.MethodsPage;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodsPageTest {

  @Test
  void thePageOfMethodsIsWhatTheBundlesSay() throws IOException {
    Workspace workspace = Workspace.here();
    Path learning = workspace.project("fedllm.learning/generated/fedllm.learning.jar");
    assertEquals(
        MethodsPage.markdown(
            Catalogue.of(workspace.plugins(), List.of(learning)), Compared.kept(workspace.root())),
        Files.readString(workspace.root().resolve("docs/methods.md")),
        "say ./fedllm methods --markdown > docs/methods.md");
  }

  @Test
  void theTableInTheReadmeIsWhatTheBundlesSay() throws IOException {
    Workspace workspace = Workspace.here();
    Path learning = workspace.project("fedllm.learning/generated/fedllm.learning.jar");
    String table = MethodsPage.table(Catalogue.of(workspace.plugins(), List.of(learning)));
    assertTrue(
        Files.readString(workspace.root().resolve("README.md")).contains(table),
        "put what ./fedllm methods --table prints into README.md:\n" + table);
  }
}
