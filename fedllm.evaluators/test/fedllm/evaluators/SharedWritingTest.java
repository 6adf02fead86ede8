package fedllm.evaluators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Work;
import fedllm.evaluators.exactmatch.ExactMatch;
import fedllm.evaluators.f1.F1;
import fedllm.evaluators.rougel.RougeL;
import fedllm.learning.peft.Adapter;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedWritingTest {

  private static final Map<String, ?> SHORT = Map.of("maxTokens", 12, "batch", 2);

  private final StorySilo silo =
      StorySilo.of(
          new Example.Text("Once upon a time, there was", " a little girl named Lily."),
          new Example.Text("One day,", " a bird came."),
          new Example.Text("The dog was happy", " and ran to the park."));

  @Test
  void whatOneMeasureHadWrittenAnotherReads() {
    Map<String, Double> alone = silo.measure(new F1(silo.bases()), SHORT);
    try (Evaluation match = open(new ExactMatch(silo.bases()), SHORT);
        Evaluation f1 = open(new F1(silo.bases()), SHORT);
        Evaluation rouge = open(new RougeL(silo.bases()), SHORT)) {
      assertTrue(evaluate(match).get("exactMatchTokens") > 0);
      Map<String, Double> shared = evaluate(f1);
      assertEquals(alone.get("f1"), shared.get("f1"));
      assertEquals(3, shared.get("f1Examples"));
      assertEquals(0, shared.get("f1Tokens"), "nothing was written anew");
      assertEquals(0, evaluate(rouge).get("rougeLTokens"));
    }
  }

  @Test
  void whoAsksInAnotherMannerHasItsOwn() {
    try (Evaluation match = open(new ExactMatch(silo.bases()), SHORT);
        Evaluation f1 = open(new F1(silo.bases()), Map.of("maxTokens", 3))) {
      evaluate(match);
      assertTrue(evaluate(f1).get("f1Tokens") > 0);
    }
  }

  @Test
  void nothingIsKeptWhenAllAreClosed() {
    silo.measure(new ExactMatch(silo.bases()), SHORT);
    assertTrue(silo.measure(new F1(silo.bases()), SHORT).get("f1Tokens") > 0);
  }

  private Evaluation open(Evaluator evaluator, Map<String, ?> options) {
    return evaluator.open(TestOptions.ofPlugin(evaluator.getClass(), options), silo);
  }

  private static Map<String, Double> evaluate(Evaluation evaluation) {
    Tensors nothing = new Tensors(Adapter.NONE.schema());
    return evaluation.evaluate(new Work(1, Map.of(), (what, done, of) -> {}), nothing);
  }
}
