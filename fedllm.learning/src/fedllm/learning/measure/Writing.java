package fedllm.learning.measure;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.plugin.Range;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Ends;
import fedllm.learning.generate.Generation;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Lets a model answer what is held out, by the likeliest token each time, and compares. Measures of
 * one client that ask in the same manner share what was written; the number {@code ...Tokens}
 * counts what was read and written for this one.
 */
public final class Writing implements Evaluation {

  /** Options. */
  public @interface Config {

    /** Answers that are written side by side. */
    @Range(min = 1)
    int batch() default 8;

    /** Tokens of an answer at most. */
    @Range(min = 1)
    int maxTokens() default 64;

    /** Texts that end an answer, beside the model's own end; they do not belong to it. */
    String[] stops() default {};

    /** Examples at most; 0 for all. */
    @Range(min = 0)
    int limit() default 0;
  }

  /** How near an answer is to the right one: 0 for not at all, 1 for equal. */
  @FunctionalInterface
  public interface Measure {
    /** Of what the model wrote and the right answer. */
    double of(String written, String answer);
  }

  /** Examples among which prompts of like length are put side by side, to pad little. */
  private static final int WINDOW = 512;

  private final LanguageModel model;
  private final Config config;
  private final Site site;
  private final String metric;
  private final Measure measure;
  private final Writings writings;
  private final Map<Boolean, Asked> asked = new HashMap<>();

  private Writing(LanguageModel model, Config config, Site site, String metric, Measure measure) {
    this.model = model;
    this.config = config;
    this.site = site;
    this.metric = metric;
    this.measure = measure;
    this.writings = Writings.open(site);
  }

  /**
   * Opens the job's model.
   *
   * @param metric what the mean of the measure is called
   */
  public static Writing open(
      Bases bases, Config config, Site site, String metric, Measure measure) {
    if (List.of(config.stops()).contains("")) {
      throw new SitsOut("one of the stops is an empty text, which would end every answer");
    }
    return new Writing(Adapted.open(bases, site), config, site, metric, measure);
  }

  @Override
  public Map<String, Double> evaluate(Work work, Tensors global) {
    writings.of(global);
    double sum = 0;
    long number = 0;
    long tokens = 0;
    try (Stream<Example> held = site.data().heldOut();
        NDManager owner = model.newManager()) {
      NDList values = model.list(owner, "p", global);
      Iterator<Example> examples =
          (config.limit() == 0 ? held : held.limit(config.limit())).iterator();
      try (Generation generation = new Generation(model, values)) {
        while (examples.hasNext()) {
          List<Question> window = new ArrayList<>();
          while (window.size() < WINDOW && examples.hasNext()) {
            window.add(Question.of(model, examples.next(), number + window.size() + 1));
          }
          window.sort(
              Comparator.comparing(Question::talk)
                  .thenComparingInt(question -> question.prompt().length));
          String[] answers = new String[window.size()];
          tokens += answer(generation, window, answers, work, number);
          for (int i = 0; i < answers.length; i++) {
            sum += measure.of(answers[i], window.get(i).answer());
          }
          number += answers.length;
        }
      }
    }
    if (number == 0) {
      throw new SitsOut("there is no held-out text to measure with; keep some, or do not measure");
    }
    // Numbers of all of a job's evaluators stand side by side.
    return Map.of(
        metric,
        sum / number,
        metric + "Examples",
        (double) number,
        metric + "Tokens",
        (double) tokens);
  }

  /** Finds or lets write all answers of a window; says how many tokens were read or written. */
  private long answer(
      Generation generation, List<Question> window, String[] answers, Work work, long before) {
    long tokens = 0;
    List<Integer> batch = new ArrayList<>();
    for (int i = 0; i < answers.length; i++) {
      Question question = window.get(i);
      answers[i] = writings.find(manner(question.talk()), question.prompt());
      if (answers[i] == null) {
        batch.add(i);
      }
      boolean last = i == answers.length - 1 || window.get(i + 1).talk() != question.talk();
      if (batch.size() == config.batch() || (last && !batch.isEmpty())) {
        tokens += write(generation, window, batch, answers);
        batch.clear();
      }
      work.progress().at("example", before + i + 1, config.limit());
    }
    return tokens;
  }

  /** Lets the model write the answers of those numbers, all of which are talk or none. */
  private long write(
      Generation generation, List<Question> window, List<Integer> batch, String[] answers) {
    long tokens = 0;
    boolean talk = window.get(batch.get(0)).talk();
    List<int[]> prompts = batch.stream().map(i -> window.get(i).prompt()).toList();
    List<Answer> written =
        generation.answers(prompts, asked.computeIfAbsent(talk, this::asked), Listener.NONE);
    for (int i = 0; i < written.size(); i++) {
      String text = written.get(i).text();
      answers[batch.get(i)] = text;
      writings.keep(manner(talk), prompts.get(i), text);
      tokens += prompts.get(i).length + written.get(i).ids().length;
    }
    return tokens;
  }

  private Writings.Manner manner(boolean talk) {
    return new Writings.Manner(config.maxTokens(), List.of(config.stops()), talk);
  }

  /** In a conversation also what the model's own chat template ends an answer with. */
  private Asked asked(boolean talk) {
    Base base = model.base();
    Ends ends =
        base.tokenizer()
            .chat()
            .filter(template -> talk)
            .map(template -> Ends.of(base, template))
            .orElseGet(() -> new Ends(Ends.of(base), List.of()));
    List<String> stops = new ArrayList<>(ends.stops());
    stops.addAll(List.of(config.stops()));
    return new Asked(Sampling.GREEDY, config.maxTokens(), ends.tokens(), stops, 0);
  }

  @Override
  public void close() {
    writings.close();
    model.close();
  }
}
