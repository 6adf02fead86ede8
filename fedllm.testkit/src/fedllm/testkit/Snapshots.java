package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** Moves what a worker remembers to another, as a restart does. */
public final class Snapshots {

  private Snapshots() {}

  /** Whether a plugin says something of itself. */
  public static boolean is(Object plugin, Trait trait) {
    return Optional.ofNullable(plugin.getClass().getAnnotation(Plugin.class))
        .map(said -> Arrays.asList(said.is()).contains(trait))
        .orElse(false);
  }

  /** Moves the state; a plugin that is not stateful has workers with none. */
  public static void move(Object plugin, Object from, Object to) throws IOException {
    assertEquals(
        is(plugin, Trait.STATEFUL),
        from instanceof Stateful,
        "trait STATEFUL and interface Stateful belong together");
    if (from instanceof Stateful old && to instanceof Stateful fresh) {
      byte[] bytes = bytes(old);
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      fresh.restore(in);
      assertEquals(0, in.available(), "restore left bytes unread");
    }
  }

  /** What a worker writes. */
  public static byte[] bytes(Stateful worker) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      worker.snapshot(out);
    }
    return bytes.toByteArray();
  }
}
