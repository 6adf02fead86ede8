package fedllm.trainers.adamw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.evaluators.perplexity.Perplexity;
import fedllm.learning.base.Bases;
import fedllm.models.llama.Llama;
import fedllm.trainers.causallm.CausalLm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityTest {

  private static final double CLOSE = 5e-5;

  @TempDir Path base;

  @Test
  void printsTheLossesThatPyTorchPrinted() throws Exception {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    Path folder = Path.of(data, "parity-lora");
    assumeTrue(Files.isDirectory(folder), "there is no parity-lora");
    ParitySet set = new ParitySet(folder);
    set.writeBase(base);
    Bases bases = new Bases(List.of(new Llama()));
    AdamW trainer = new AdamW(bases);
    Given options =
        new Given(
            Map.of("steps", 30, "batch", 4, "sequence", 32, "learningRate", 0.01, "shuffle", false),
            Map.of("objective", new CausalLm()));
    Perplexity perplexity = new Perplexity(bases);
    List<Training> clients = new ArrayList<>();
    List<Evaluation> measuring = new ArrayList<>();
    for (int client = 0; client < 3; client++) {
      Place place =
          new Place(
              base,
              new Scope("run", "client" + client, 1),
              set.train(client),
              set.heldOut(client),
              Given.of(Map.of("rank", 8, "alpha", 16.0)));
      clients.add(trainer.open(options, place));
      measuring.add(perplexity.open(Given.of(Map.of("sequence", 32, "batch", 3)), place));
    }
    Tensors global = set.start(clients.get(0).initial().tensors().schema());
    Iterator<JsonNode> printed = set.printed("client").iterator();
    Iterator<JsonNode> rounds = set.printed("round").iterator();
    for (int round = 1; round <= 4; round++) {
      Work work = new Work(round, Map.of(), (what, done, of) -> {});
      List<Tensors> updates = new ArrayList<>();
      for (Training client : clients) {
        Learned learned = client.train(work, global);
        JsonNode line = printed.next();
        assertEquals(round - 1, line.get("round").asInt());
        assertEquals(line.get("loss_first").asDouble(), learned.metrics().get("loss.first"), CLOSE);
        assertEquals(line.get("loss_last").asDouble(), learned.metrics().get("loss.last"), CLOSE);
        updates.add(learned.update());
      }
      global = add(global, updates);
      double loss = 0;
      for (Evaluation client : measuring) {
        loss += client.evaluate(work, global).get("loss") / measuring.size();
      }
      assertEquals(rounds.next().get("eval_loss").asDouble(), loss, CLOSE);
    }
    assertFalse(printed.hasNext() || rounds.hasNext());
    clients.forEach(Training::close);
    measuring.forEach(Evaluation::close);
  }

  /** FedAvg with equal weights. */
  private static Tensors add(Tensors global, List<Tensors> updates) {
    Tensors next = global.copy();
    for (int t = 0; t < next.schema().tensors().size(); t++) {
      float[] values = next.values(t);
      for (int i = 0; i < values.length; i++) {
        double sum = 0;
        for (Tensors update : updates) {
          sum += update.values(t)[i];
        }
        values[i] += (float) (sum / updates.size());
      }
    }
    return next;
  }
}
