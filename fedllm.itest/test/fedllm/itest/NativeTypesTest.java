package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * DJL's native side aborts the process on some types of elements. No class of ours names one of
 * them, or asks DJL to take a type from a file or a buffer.
 */
class NativeTypesTest {

  /** Those that libdjl_torch has a number for and libtorch can make. */
  private static final Set<DataType> SAFE =
      EnumSet.of(
          DataType.FLOAT32,
          DataType.FLOAT64,
          DataType.FLOAT16,
          DataType.UINT8,
          DataType.INT8,
          DataType.INT32,
          DataType.INT64,
          DataType.BOOLEAN);

  private static final Set<String> ARRAYS =
      Set.of(
          "ai.djl.ndarray.NDManager",
          "ai.djl.ndarray.NDArray",
          "ai.djl.ndarray.NDList",
          "ai.djl.pytorch.engine.PtNDManager",
          "ai.djl.pytorch.engine.PtNDArray");

  /** Every use of DJL's types and of what takes a type from elsewhere. */
  private static Set<String> uses;

  @BeforeAll
  static void readEveryProject() throws IOException {
    Path workspace = Path.of(System.getProperty("fedllm.workspace"));
    try (Stream<Path> projects = Files.list(workspace)) {
      List<Path> bins =
          projects.map(project -> project.resolve("bin")).filter(Files::isDirectory).toList();
      uses =
          new ClassFileImporter()
              .importPaths(bins).stream()
                  .map(JavaClass::getAccessesFromSelf)
                  .flatMap(Set::stream)
                  .map(NativeTypesTest::use)
                  .filter(use -> !use.isEmpty())
                  .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static String use(JavaAccess<?> access) {
    AccessTarget target = access.getTarget();
    String owner = target.getOwner().getFullName();
    if (owner.equals(DataType.class.getName())) {
      return target.getName();
    }
    boolean fromElsewhere =
        switch (target.getName()) {
          case "decode", "load" -> true;
          case "create" ->
              target.getFullName().endsWith("(java.nio.Buffer, ai.djl.ndarray.types.Shape)");
          default -> false;
        };
    return ARRAYS.contains(owner) && fromElsewhere ? target.getFullName() : "";
  }

  @Test
  void nobodyNamesATypeThatAborts() {
    Set<String> allowed = SAFE.stream().map(DataType::name).collect(Collectors.toSet());
    // What a type says about itself does no harm.
    allowed.addAll(Set.of("getNumOfBytes", "isFloating", "isInteger", "isBoolean", "ordinal"));
    Set<String> others = new TreeSet<>(uses);
    others.removeAll(allowed);
    assertEquals(Set.of(), others);
  }

  @Test
  void aTypeThatIsNamedIsSeen() {
    assertTrue(uses.contains(DataType.INT64.name()), uses::toString);
  }
}
