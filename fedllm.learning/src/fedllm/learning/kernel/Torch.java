package fedllm.learning.kernel;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.util.Utils;
import fedllm.api.error.SitsOut;

/** The PyTorch engine of this JVM, started when it is first asked for. */
public final class Torch {

  private static Engine engine;

  private Torch() {}

  /**
   * A new owner of arrays; who asks for it closes it.
   *
   * @throws SitsOut when the engine's native libraries are missing
   */
  public static NDManager newManager() {
    return newManager("cpu");
  }

  /**
   * A new owner of arrays on a device.
   *
   * @param device {@code cpu} or {@code cuda:N}
   * @throws SitsOut when the engine or the device is missing
   */
  public static NDManager newManager(String device) {
    if (device.equals("cpu")) {
      return engine().newBaseManager(Device.cpu());
    }
    int number = Integer.parseInt(device.substring(device.indexOf(':') + 1));
    int there = engine().getGpuCount();
    if (number >= there) {
      throw new SitsOut(
          "there is no "
              + device
              + ": the engine sees "
              + there
              + " GPUs; its natives must be of the CUDA flavour, see docs/operations.md");
    }
    return engine().newBaseManager(Device.gpu(number));
  }

  private static synchronized Engine engine() {
    if (engine == null) {
      // Nothing may be downloaded and no usage reported: a silo's machine speaks to Kafka alone.
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
      try (var loader = ContextClassLoader.of(Engine.class)) {
        engine = Engine.getEngine("PyTorch");
      } catch (EngineException | IllegalStateException | LinkageError e) {
        throw new SitsOut(
            "the tensor engine did not start; PYTORCH_LIBRARY_PATH should name a folder that holds"
                + " libtorch and DJL's libdjl_torch for this machine, it is "
                + Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH"),
            e);
      }
    }
    return engine;
  }
}
