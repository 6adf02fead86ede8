package fedllm.evaluators.options;

import ai.djl.ndarray.NDList;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.measure.Question;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model thinks of answers.
 *
 * @param values the adapter's
 * @param batch answers side by side
 */
record Scoring(LanguageModel model, NDList values, int batch) {

  /**
   * What was found.
   *
   * @param likelihoods of each example's last answer, in nats below zero
   * @param tokens that were read
   */
  record Scores(double[] likelihoods, long tokens) {}

  /** Scores examples that differ in their last answer. */
  Scores scores(List<Example> options, long number) {
    List<Row> rows = new ArrayList<>();
    for (Example option : options) {
      rows.add(row(option, number));
    }
    double[] likelihoods = new double[rows.size()];
    for (int from = 0; from < rows.size(); from += batch) {
      List<Row> part = rows.subList(from, Math.min(rows.size(), from + batch));
      double[] found = model.likelihoods(Batch.of(part, model.places()), values);
      System.arraycopy(found, 0, likelihoods, from, found.length);
    }
    return new Scores(likelihoods, rows.stream().mapToLong(Row::length).sum());
  }

  private Row row(Example option, long number) {
    Row row = Question.row(model, option, number);
    int room = model.base().architecture().context() - model.places();
    if (row.length() > room) {
      throw new SitsOut(
          "example %d has %d tokens, but the model reads %d; leave it out"
              .formatted(number, row.length(), room));
    }
    return new Row(row.ids(), ofLastAnswer(row.labels(), model.base().tokenizer().end()));
  }

  /** That a text ends is no part of its answer; what was said before was the same for all. */
  static int[] ofLastAnswer(int[] labels, int end) {
    int[] kept = labels.clone();
    int at = kept.length - 1;
    while (kept[at] == Batch.NONE) {
      at--;
    }
    if (at > 0 && kept[at] == end && kept[at - 1] != Batch.NONE) {
      kept[at--] = (int) Batch.NONE;
    }
    while (at >= 0 && kept[at] != Batch.NONE) {
      at--;
    }
    for (; at >= 0; at--) {
      kept[at] = (int) Batch.NONE;
    }
    return kept;
  }
}
