package fedllm.trainers;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.PrivateTensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What clients keep to themselves. */
public final class Kept {

  private static final GradientTraining NOTHING_INSIDE = null;

  private Kept() {}

  /** Its private values. */
  public static Tensors of(Training client) throws IOException {
    PrivateTensors own = new PrivateTensors(NOTHING_INSIDE);
    own.restore(new DataInputStream(new ByteArrayInputStream(snapshot((Stateful) client))));
    return own.values().orElseThrow();
  }

  /** As a file has it. */
  public static byte[] snapshot(Stateful client) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    client.snapshot(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  /** Gives what one remembers to another. */
  public static void move(Stateful from, Stateful to) throws IOException {
    to.restore(new DataInputStream(new ByteArrayInputStream(snapshot(from))));
  }
}
