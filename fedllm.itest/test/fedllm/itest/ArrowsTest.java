package fedllm.itest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The arrows of docs/architecture.md, which all go one way, on the classes of every project. */
class ArrowsTest {

  static final List<String> SHELVES =
      List.of(
          "models", "peft", "trainers", "strategies", "codecs", "privacy", "evaluators", "data");

  /** The shelves that may compute with the tensor engine. */
  private static final List<String> LEARNING_SHELVES =
      List.of("models", "peft", "trainers", "evaluators");

  private static final List<String> BELOW_THE_SHELVES =
      List.of("api", "format", "runtime", "transport", "learning", "shell");

  private static final Path WORKSPACE = Path.of(System.getProperty("fedllm.workspace"));

  private static JavaClasses all;

  @BeforeAll
  static void readEveryProject() throws IOException {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    List<Path> bins = new ArrayList<>();
    for (Path project : projects()) {
      bins.add(project.resolve("bin"));
    }
    all = new ClassFileImporter().importPaths(bins);
  }

  /** The samples are other versions of classes that are looked at already. */
  private static List<Path> projects() throws IOException {
    try (Stream<Path> list = Files.list(WORKSPACE)) {
      return list.filter(p -> Files.isDirectory(p.resolve("src")) && hasJava(p.resolve("src")))
          .filter(p -> !p.endsWith("fedllm.samples"))
          .sorted()
          .toList();
    }
  }

  private static boolean hasJava(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.anyMatch(f -> f.toString().endsWith(".java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String[] packages(List<String> names) {
    return names.stream().map(name -> "fedllm." + name + "..").toArray(String[]::new);
  }

  private static String[] shelvesBut(String shelf) {
    return packages(SHELVES.stream().filter(s -> !s.equals(shelf)).toList());
  }

  private static void check(ArchRule rule) {
    // A shelf may still be empty; that no other project is, the first test says.
    rule.allowEmptyShould(true).check(all);
  }

  @Test
  void everyProjectWithSourcesIsSeen() throws IOException {
    List<Path> projects = projects();
    for (String name : List.of("fedllm.api", "fedllm.runtime", "fedllm.transport.kafka")) {
      assertTrue(projects.stream().anyMatch(p -> p.endsWith(name)), name + " has no sources");
    }
    for (Path project : projects) {
      assertTrue(
          all.stream()
              .anyMatch(
                  c -> c.getSource().orElseThrow().getUri().getPath().startsWith(project + "/")),
          "no class of " + project.getFileName() + " was read");
    }
  }

  @Test
  void anArrowThatIsThereIsSeen() {
    ArchRule wrong =
        noClasses()
            .that()
            .resideInAPackage("fedllm.runtime..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("fedllm.api..");
    assertThrows(AssertionError.class, () -> wrong.check(all));
  }

  @Test
  void declarativeServicesAnnotationsAreSeen() {
    assertFalse(
        all.that(
                DescribedPredicate.describe(
                    "is a component",
                    c -> c.isAnnotatedWith("org.osgi.service.component.annotations.Component")))
            .isEmpty());
  }

  @Test
  void theApiKnowsNothingButJavaAndAnnotations() {
    check(
        classes()
            .that()
            .resideInAPackage("fedllm.api..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "fedllm.api..",
                "org.osgi.annotation..",
                "org.osgi.service.component.annotations.."));
  }

  @ParameterizedTest
  @FieldSource("SHELVES")
  void noShelfSeesAnotherNorThePlatform(String shelf) {
    check(
        noClasses()
            .that()
            .resideInAPackage("fedllm." + shelf + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(shelvesBut(shelf))
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(packages(List.of("runtime", "transport", "shell", "cli"))));
  }

  /**
   * A plugin is what has a .bnd file of its own; other packages of a shelf may be shared by copy.
   */
  @ParameterizedTest
  @FieldSource("SHELVES")
  void noPluginSeesAnotherOfItsShelf(String shelf) {
    check(slices().assignedFrom(new Plugins(shelf)).should().notDependOnEachOther());
  }

  private record Plugins(String shelf) implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String[] words = type.getPackageName().split("\\.");
      boolean plugin =
          words.length > 2
              && words[1].equals(shelf)
              && Files.exists(WORKSPACE.resolve("fedllm." + shelf).resolve(words[2] + ".bnd"));
      return plugin ? SliceIdentifier.of(words[2]) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "the plugins of fedllm." + shelf;
    }
  }

  @Test
  void nothingBelowSeesAShelf() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(packages(BELOW_THE_SHELVES))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(packages(SHELVES)));
  }

  @Test
  void theRuntimeSeesNeitherLearningNorTransport() {
    check(
        noClasses()
            .that()
            .resideInAPackage("fedllm.runtime..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("fedllm.learning..", "fedllm.transport..", "fedllm.shell.."));
  }

  @Test
  void transportAndLearningSeeNoRuntime() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("fedllm.transport..", "fedllm.learning..", "fedllm.format..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("fedllm.runtime.."));
  }

  @Test
  void onlyTheTransportSpeaksKafka() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "fedllm.transport.kafka..", "fedllm.cli..", "fedllm.itest..", "fedllm.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "kafka.."));
  }

  @Test
  void onlyLearningSpeaksToTorch() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("fedllm.learning..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl.pytorch.."));
  }

  @Test
  void theExchangePlaneHasNoTensorEngine() {
    List<String> exchange = new ArrayList<>(SHELVES);
    exchange.removeAll(LEARNING_SHELVES);
    exchange.addAll(List.of("api", "format", "runtime", "transport", "shell", "cli"));
    check(
        noClasses()
            .that()
            .resideInAnyPackage(packages(exchange))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl..", "fedllm.learning.."));
  }
}
