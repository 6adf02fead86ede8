package fedllm.testkit.learning;

import fedllm.api.data.Example;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Row;
import java.util.List;

/** The engine's own mean cross-entropy over all labels: what others are compared with. */
public record PlainLoss(Head.Kind kind) implements Objective.Goal {

  @Override
  public List<Row> rows(Example example, long number) {
    throw new UnsupportedOperationException("tests make their own rows");
  }

  @Override
  public String loss() {
    String classes = kind == Head.Kind.SEQUENCE_CLASSES ? "z" : "torch.flatten(z, 0, 1)";
    return """
        z = (self).logits(hidden, f, w, now)
        return torch.cross_entropy_loss(CLASSES, torch.flatten(labels), None, 1, -100, 0.)
    """
        .replace("CLASSES", classes);
  }
}
