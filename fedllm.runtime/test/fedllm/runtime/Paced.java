package fedllm.runtime;

import fedllm.api.error.Cancelled;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.util.Map;

/**
 * A trainer for tests that takes as long as a virtual clock says, and pulls every value a quarter
 * of the way to the length of its client's name: what it sends depends on the state that it was
 * given.
 */
@Plugin(name = "paced", does = "Pulls every value a quarter of the way.")
final class Paced implements Trainer {

  private final VirtualClock clock;

  Paced(VirtualClock clock) {
    this.clock = clock;
  }

  /** What a client adds to a value. */
  static float pull(String client, float value) {
    return 0.25f * (client.length() - value);
  }

  @Override
  public Training open(Options options, Site site) {
    String client = site.scope().client();
    return new Training() {
      @Override
      public Start initial() {
        return new Start(new Tensors(Drift.SCHEMA), Map.of("adapter_config.json", "{}"));
      }

      @Override
      public Learned train(Work work, Tensors global) {
        clock.begin(client);
        try {
          while (!clock.isDone(client)) {
            work.progress().at("step", 0, 0);
          }
        } catch (Cancelled e) {
          clock.giveUp(client);
          throw e;
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        Tensors update = new Tensors(Drift.SCHEMA);
        for (int t = 0; t < update.schema().tensors().size(); t++) {
          for (int i = 0; i < update.values(t).length; i++) {
            update.values(t)[i] = pull(client, global.values(t)[i]);
          }
        }
        return new Learned(update, client.length(), Map.of());
      }
    };
  }
}
