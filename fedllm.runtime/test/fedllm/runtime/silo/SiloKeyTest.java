package fedllm.runtime.silo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SiloKeyTest {

  @TempDir private Path state;

  @Test
  void isMadeOnceForItsOwnerAlone() throws Exception {
    SiloKey first = SiloKey.in(state.resolve("bank"));
    Path file = state.resolve("bank").resolve(SiloKey.FILE);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(first.shown(), SiloKey.in(state.resolve("bank")).shown());
    assertNotEquals(first.shown(), SiloKey.in(state.resolve("clinic")).shown());
    try (Stream<Path> left = Files.list(state.resolve("bank"))) {
      assertEquals(List.of(file), left.toList());
    }
    String secret = Files.readAllLines(file).get(1);
    assertFalse(first.toString().contains(secret), "a key that is printed shows no secret");
  }

  @Test
  void oneThatOthersReadOrNobodyCanIsRefused() throws Exception {
    SiloKey.in(state);
    Path file = state.resolve(SiloKey.FILE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    String open = assertThrows(Refused.class, () -> SiloKey.in(state)).getMessage();
    assertTrue(open.contains("chmod 600") && open.contains(SiloKey.FILE), open);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "half a secret");
    String torn = assertThrows(Refused.class, () -> SiloKey.in(state)).getMessage();
    assertTrue(torn.contains(SiloKey.FILE) && torn.contains("put the silo's own key back"), torn);
    assertFalse(torn.contains("half a secret"), torn);
  }
}
