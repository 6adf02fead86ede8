package fedllm.trainers.adamw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.base.Reading;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import java.util.ArrayList;
import java.util.List;

/** One client's training in one run. */
final class BackPropagation implements Training {

  private final Site site;
  private final AdamW.Config config;
  private final Adapter adapter;
  private final LanguageModel model;
  private final Lessons lessons;

  BackPropagation(Bases bases, Options options, Site site) {
    this.site = site;
    config = options.as(AdamW.Config.class);
    if ((config.steps() == 0) == (config.epochs() == 0)) {
      throw new SitsOut(
          "trainer: one of steps and epochs should be above 0 and the other 0, but steps is "
              + config.steps()
              + " and epochs "
              + config.epochs());
    }
    Choice<PeftMethod> peft = site.choice("peft", PeftMethod.class);
    Choice<Objective> objective = options.choice("objective", Objective.class);
    Base base = bases.open(site.base(), objective.plugin().head(objective.options()));
    try {
      adapter = peft.plugin().open(peft.options(), base.architecture());
      Reading reading = new Reading(base, config.sequence(), config.loss().equals("answer"));
      Objective.Goal goal = objective.plugin().open(objective.options(), reading);
      Part gradient = config.checkpoint() ? Gradient.checkpointed(goal) : Gradient.of(goal);
      model = new LanguageModel(base, adapter, gradient, Part.of(Descent.methods(config)));
      lessons = new Lessons(site, goal, model.places(), config);
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }

  @Override
  public Start initial() {
    return new Start(model.initial(site.scope().seed()), adapter.files());
  }

  @Override
  public Learned train(Work work, Tensors global) {
    long began = System.nanoTime();
    Losses losses = new Losses();
    try (NDManager round = model.newManager()) {
      NDList values = model.list(round, "p", global);
      NDList start = model.list(round, "start", global);
      Descent descent = new Descent(model, round, values);
      long steps = lessons.steps();
      Schedule schedule = Schedule.of(config, steps);
      lessons.read(
          work.round(),
          batch -> {
            long done = losses.steps();
            if (batch.targets() == 0) {
              throw new SitsOut(
                  "batch " + (done + 1) + " has no token to foretell; raise trainer.sequence");
            }
            losses.add(step(round, descent, schedule.at(done), batch, values, start), batch);
            if (!Double.isFinite(losses.last())) {
              throw new SitsOut(
                  "the loss of batch "
                      + (done + 1)
                      + " is "
                      + losses.last()
                      + "; lower trainer.learningRate or set trainer.clipNorm");
            }
            work.progress().at("step", done + 1, steps);
          });
      Tensors update = read(values).minus(global);
      double seconds = (System.nanoTime() - began) / 1e9;
      return new Learned(update, lessons.examples(), losses.metrics(seconds));
    }
  }

  private double step(
      NDManager round, Descent descent, double rate, Batch batch, NDList values, NDList start) {
    try (NDManager step = round.newSubManager()) {
      NDList result = model.call(step, "gradient", true, batch, values, start);
      descent.step(step, rate, result.subNDList(1));
      return result.head().getFloat();
    }
  }

  private Tensors read(NDList values) {
    List<float[]> arrays = new ArrayList<>();
    for (NDArray value : values) {
      arrays.add(value.toFloatArray());
    }
    Tensors tensors = new Tensors(model.schema(), arrays);
    for (int i = 0; i < arrays.size(); i++) {
      for (float x : arrays.get(i)) {
        if (!Float.isFinite(x)) {
          throw new SitsOut(
              model.schema().tensors().get(i)
                  + " is no longer finite; lower trainer.learningRate or set trainer.clipNorm");
        }
      }
    }
    return tensors;
  }

  @Override
  public void close() {
    model.close();
  }
}
