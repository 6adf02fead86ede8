package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.error.Refused;
import fedllm.cli.node.Workspace;
import fedllm.recipe.Recipe;
import fedllm.recipe.RecipeCheck;
import fedllm.recipe.Recipes;
import fedllm.recipe.Task;
import fedllm.recipe.Workbench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file in launch/recipes, whoever wrote it. */
class RecipesTest {

  private static final Workspace WORKSPACE = Workspace.here();
  private static final Recipes RECIPES = Recipes.of(WORKSPACE);

  static List<String> names() {
    return RECIPES.names();
  }

  private static void check(Recipe recipe, Task task) throws IOException {
    new RecipeCheck(WORKSPACE, Workbench.variables(WORKSPACE, null)).check(recipe, task);
  }

  @Test
  void theBaselineIsThere() {
    assertTrue(RECIPES.names().contains("fedit"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void namesPluginsAndOptionsThatAreThereOnTheProductsOwnTask(String name) throws IOException {
    check(RECIPES.named(name), RECIPES.task(false));
  }

  @ParameterizedTest
  @MethodSource("names")
  void namesPluginsAndOptionsThatAreThereOnPublicData(String name) throws IOException {
    Path beside = WORKSPACE.root().resolve("../shared/data");
    assumeTrue(
        System.getenv("FEDLLM_DATA") != null || Files.isDirectory(beside), "needs FEDLLM_DATA");
    check(RECIPES.named(name), RECIPES.task(true));
  }

  @ParameterizedTest
  @MethodSource("names")
  void saysWhatIsPublishedAndWhatIsMeasured(String name) {
    Recipe recipe = RECIPES.named(name); // what is missing is refused here
    assertTrue(
        recipe.paper().matches("arXiv:\\d{4}\\.\\d{4,5}|doi:.+|ePrint:\\d{4}/\\d+"),
        "the paper is not said as arXiv:NUMBER, doi:NAME or ePrint:NUMBER: " + recipe.paper());
    for (String text :
        List.of(recipe.claim().says(), recipe.claim().published(), recipe.claim().setting())) {
      assertTrue(text.length() >= 8, "too short to tell anybody anything: " + text);
    }
  }

  @Test
  void aNameThatNobodyHasIsRefusedWithThoseThatAreThere() {
    String said = assertThrows(Refused.class, () -> RECIPES.named("fedavgg")).getMessage();
    assertEquals(
        "no recipe is called fedavgg; there are " + String.join(", ", RECIPES.names()), said);
  }
}
