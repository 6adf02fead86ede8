package fedllm.strategies.majority;

import fedllm.api.error.Ends;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Self-consistency among members: {@code a* = argmax_a Σ_s 1[a_s = a]} for each question, over the
 * S votes of the federation that are nearest to it; of answers with equally many votes the one with
 * the most similar question.
 *
 * <p>The state's module {@code fedllm.answers} is one tensor [questions, S, 4], and so is an
 * update. A row of an update is a vote: three numbers that are the answer, and the similarity, 0 to
 * 1, of the question that was asked to the one that is meant; any other similarity is no vote. The
 * first row is the question's own, which every member asks: together they are one vote. A row of
 * the result is an answer, the winner's first, with its share of the votes.
 */
@Component
@Plugin(
    name = "majority",
    does = "counts votes: the answer that most of the nearest questions have",
    paper = "arXiv:2304.13911",
    with = {"optimizer/replace", "codec:LOSSLESS"},
    is = Trait.ABSOLUTE)
public final class Majority implements AggregationStrategy {

  /** What is voted on; all else in the state stays. */
  static final String ANSWERS = "fedllm.answers";

  /** Numbers in a row. */
  static final int ROW = 4;

  @Override
  public Units units() {
    return Units.MODULES;
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    Schema answers = global.only(ANSWERS::equals);
    List<Long> shape = answers.tensors().isEmpty() ? List.of() : answers.tensors().get(0).shape();
    if (answers.tensors().size() != 1 || shape.size() != 3 || shape.get(2) != ROW) {
      throw new Ends(
          "majority: the state has no tensor [questions, votes, 4] in a module %s to vote on; take a"
                  .formatted(ANSWERS)
              + " trainer that asks questions, such as fedspsc");
    }
    return answers;
  }

  @Override
  public Schema combined(Options options, Round round) {
    return update(options, round.schema(), Map.of());
  }

  @Override
  public Aggregation open(Options options, Round round) {
    return Majority::count;
  }

  private static void count(Unit unit, Iterable<Part> parts, Block out) {
    int questions = Math.toIntExact(unit.tensor().shape().get(0));
    int most = Math.toIntExact(unit.tensor().shape().get(1));
    List<float[]> members = new ArrayList<>();
    parts.forEach(part -> members.add(part.values()));
    for (int question = 0; question < questions; question++) {
      Ballot ballot = new Ballot();
      for (float[] votes : members) {
        for (int i = 0; i < most; i++) {
          ballot.add(votes, (question * most + i) * ROW, i == 0);
        }
      }
      ballot.count(most, out, question * most * ROW);
    }
  }
}
