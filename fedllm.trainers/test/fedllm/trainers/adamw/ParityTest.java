package fedllm.trainers.adamw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.evaluators.perplexity.Perplexity;
import fedllm.learning.base.Bases;
import fedllm.learning.measure.HeldOut;
import fedllm.models.llama.Llama;
import fedllm.peft.lora.Lora;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
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
    Options options =
        TestOptions.ofPlugin(
                AdamW.class,
                Map.of(
                    "steps",
                    30,
                    "batch",
                    4,
                    "sequence",
                    32,
                    "learningRate",
                    0.01,
                    "shuffle",
                    false))
            .with("objective", new CausalLm(), TestOptions.none());
    Options measures = TestOptions.of(HeldOut.Config.class, Map.of("sequence", 32, "batch", 3));
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
              TestOptions.of(Lora.Config.class, Map.of("rank", 8, "alpha", 16)));
      clients.add(trainer.open(options, place));
      measuring.add(perplexity.open(measures, place));
    }
    Tensors global = set.start(clients.get(0).initial().tensors().schema());
    Iterator<JsonNode> printed = set.printed("client").iterator();
    Iterator<JsonNode> rounds = set.printed("round").iterator();
    for (int round = 1; round <= 4; round++) {
      Work work = new Work(round, Map.of(), (what, done, of) -> {});
      List<Learned> updates = new ArrayList<>();
      for (Training client : clients) {
        Learned learned = client.train(work, global);
        JsonNode line = printed.next();
        assertEquals(round - 1, line.get("round").asInt());
        assertEquals(line.get("loss_first").asDouble(), learned.metrics().get("loss.first"), CLOSE);
        assertEquals(line.get("loss_last").asDouble(), learned.metrics().get("loss.last"), CLOSE);
        updates.add(learned);
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

  /** What the server does: FedAvg, then global plus update. */
  private static Tensors add(Tensors global, List<Learned> learned) {
    List<Member> members = new ArrayList<>();
    for (int client = 0; client < learned.size(); client++) {
      members.add(new Member("client" + client, learned.get(client).examples()));
    }
    Scope scope = new Scope("run", "server", 1);
    Aggregation mean =
        new FedAvg().open(TestOptions.none(), new Round(1, members, global.schema(), scope));
    Tensors next = global.copy();
    Block block = new Block();
    for (Tensor tensor : global.schema().tensors()) {
      Unit unit = Unit.block(tensor, 0);
      List<Part> parts = new ArrayList<>();
      for (int client = 0; client < learned.size(); client++) {
        float[] values = learned.get(client).update().values(tensor.name());
        parts.add(new Given(members.get(client), List.of(tensor), values));
      }
      block.reset(unit.length());
      mean.fold(unit, parts, block);
      float[] values = next.values(tensor.name());
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) block.get(i);
      }
    }
    return next;
  }

  private record Given(Member member, List<Tensor> tensors, float[] values) implements Part {}
}
