package fedllm.evaluators.perplexity;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Measures how well held-out text is foretold: nats per token, over all tokens, and exp of it. */
@Component
@Plugin(
    name = "perplexity",
    does = "measures loss and perplexity on held-out text",
    options = Perplexity.Config.class)
public final class Perplexity implements Evaluator {

  /** What a job may say. */
  public @interface Config {

    /** Examples side by side. */
    @Range(min = 1)
    int batch() default 8;

    /** Tokens of a text that are fed at most. */
    @Range(min = 1)
    int sequence() default 256;

    /** Examples at most; 0 for all. */
    @Range(min = 0)
    int limit() default 0;

    /** Whether prompts are measured too, or answers alone. */
    @OneOf({"all", "answer"})
    String loss() default "all";
  }

  /** Tokens among which examples of like length are put side by side, to pad little. */
  private static final long WINDOW_TOKENS = 1 << 20;

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public Perplexity(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    Config config = options.as(Config.class);
    Choice<PeftMethod> peft = site.choice("peft", PeftMethod.class);
    Base base = bases.open(site, Head.TOKENS);
    try {
      Adapter adapter = peft.plugin().open(peft.options(), base.architecture());
      Reading reading =
          new Reading(base, config.sequence(), config.loss().equals("answer")).behind(adapter);
      LanguageModel model = new LanguageModel(base, adapter);
      return new Measuring(config, site, reading, model);
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }

  /** One client's measuring. */
  private record Measuring(Config config, Site site, Reading reading, LanguageModel model)
      implements Evaluation {

    @Override
    public Map<String, Double> evaluate(Work work, Tensors global) {
      double nats = 0;
      long tokens = 0;
      try (Stream<Example> held = site.data().heldOut();
          NDManager owner = model.newManager()) {
        NDList values = model.list(owner, "p", global);
        Iterator<Example> examples =
            (config.limit() == 0 ? held : held.limit(config.limit())).iterator();
        for (long number = 0; examples.hasNext(); ) {
          List<Row> window = new ArrayList<>();
          for (long read = 0; read < WINDOW_TOKENS && examples.hasNext(); ) {
            Row row = reading.row(examples.next(), number + window.size() + 1);
            window.add(row);
            read += row.length();
          }
          window.sort(Comparator.comparingInt(Row::length));
          for (int from = 0; from < window.size(); from += config.batch()) {
            int to = Math.min(window.size(), from + config.batch());
            Batch batch = Batch.of(window.subList(from, to), model.places());
            nats += model.score(batch, values);
            tokens += batch.targets();
            number += batch.rows();
            work.progress().at("example", number, config.limit());
          }
        }
      }
      if (tokens == 0) {
        throw new SitsOut(
            "there is no held-out text to measure with; keep some, or do not measure");
      }
      double loss = nats / tokens;
      return Map.of("loss", loss, "perplexity", Math.exp(loss), "tokens", (double) tokens);
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
