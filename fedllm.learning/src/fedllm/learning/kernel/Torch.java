package fedllm.learning.kernel;

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
    return engine().newBaseManager();
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
