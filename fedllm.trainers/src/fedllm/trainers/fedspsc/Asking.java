package fedllm.trainers.fedspsc;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
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
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One client that asks its model. */
final class Asking implements Training {

  private static final int ROW = Numbers.FLOATS + 1;

  private final FedSpSc.Config config;
  private final Site site;
  private final LanguageModel model;

  Asking(Bases bases, FedSpSc.Config config, Site site) {
    this.config = config;
    this.site = site;
    if (config.questions().length == 0) {
      throw new SitsOut("trainer.questions is empty; name at least one question");
    }
    for (String question : config.questions()) {
      if (question.isBlank() || question.indexOf('\0') >= 0) {
        throw new SitsOut("one of trainer.questions is blank or has a zero character in it");
      }
    }
    if (!config.layout().contains("{question}")) {
      throw new SitsOut("trainer.layout has no {question}; say where the question stands");
    }
    if (Arrays.asList(config.stops()).contains("")) {
      throw new SitsOut("one of trainer.stops is an empty text, which would end every answer");
    }
    Base base = bases.open(site, Head.TOKENS);
    try {
      model = new LanguageModel(base, Adapter.NONE, Paraphrases.PART);
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }

  @Override
  public Start initial() {
    return new Start(Questions.state(List.of(config.questions()), config.votes()), Map.of());
  }

  @Override
  public Learned train(Work work, Tensors global) {
    String layout = config.layout().replace("\\n", "\n");
    List<String> prompts =
        Questions.of(global).stream()
            .map(question -> layout.replace("{question}", question))
            .toList();
    try (NDManager owner = model.newManager();
        Stream<Example> pool = site.data().train()) {
      NDList none = model.list(owner, "p", new Tensors(Adapter.NONE.schema()));
      List<List<Paraphrases.Similar>> asked =
          new Paraphrases(model, none).of(prompts, pool, config.votes());
      try (Generation generation = new Generation(model, none)) {
        return vote(asked, generation, work);
      }
    }
  }

  private Learned vote(List<List<Paraphrases.Similar>> asked, Generation generation, Work work) {
    Tensors votes = Questions.votes(asked.size(), config.votes());
    float[] rows = votes.values(0);
    for (int row = 0; row < rows.length; row += ROW) {
      rows[row + Numbers.FLOATS] = -1; // no vote
    }
    List<String> prompts =
        asked.stream().flatMap(List::stream).map(s -> s.prompt() + config.cue()).toList();
    List<Optional<BigDecimal>> answers = answers(prompts, generation, work);
    int next = 0;
    int given = 0;
    for (int question = 0; question < asked.size(); question++) {
      for (int i = 0; i < asked.get(question).size(); i++) {
        int row = (question * config.votes() + i) * ROW;
        Optional<BigDecimal> answer = answers.get(next++);
        if (answer.isPresent() && Numbers.write(answer.get(), rows, row)) {
          rows[row + Numbers.FLOATS] = asked.get(question).get(i).similarity();
          given++;
        }
      }
    }
    Map<String, Double> metrics =
        Map.of("questions.asked", (double) prompts.size(), "votes.given", (double) given);
    return new Learned(votes, asked.size(), metrics, work.absolute());
  }

  private List<Optional<BigDecimal>> answers(
      List<String> prompts, Generation generation, Work work) {
    long seed = site.scope().random(work.round(), 0, "fedspsc").word(0);
    Sampling sampling = new Sampling(config.temperature(), 0, 1, 1, seed);
    List<Optional<BigDecimal>> answers = new ArrayList<>();
    for (int from = 0; from < prompts.size(); from += config.batch()) {
      List<int[]> batch =
          prompts.subList(from, Math.min(prompts.size(), from + config.batch())).stream()
              .map(model.base().tokenizer()::encode)
              .toList();
      Asked how =
          new Asked(
              sampling, config.maxTokens(), Ends.of(model.base()), List.of(config.stops()), from);
      for (Answer answer : generation.answers(batch, how, Listener.NONE)) {
        answers.add(Numbers.last(answer.text()));
      }
      work.progress().at("question", answers.size(), prompts.size());
    }
    return answers;
  }

  @Override
  public void close() {
    model.close();
  }
}
