package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
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
import fedllm.learning.model.Architecture;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One client's training in one run: its lessons one after the other, each a step of a {@link
 * Descent}. Equal work gives equal bits.
 */
public final class LocalTraining implements Training {

  private final Bases bases;
  private final Site site;
  private final Descent descent;
  private final Schedule.Config rates;
  private final Lessons.Config config;
  private final Choice<PeftMethod> peft;
  private final Choice<Objective> objective;
  private final Architecture architecture;
  private final Adapter adapter;
  private Role role;
  private Objective.Goal goal;
  private LanguageModel model;
  private Lessons lessons;
  private Corrections corrections;

  /**
   * Opens the model.
   *
   * @param options with those of {@link Lessons.Config} and {@link Schedule.Config}
   * @throws SitsOut when base or data cannot be used, or options do not fit each other
   */
  public LocalTraining(Bases bases, Options options, Site site, Descent descent) {
    this.bases = bases;
    this.site = site;
    this.descent = descent;
    rates = options.as(Schedule.Config.class);
    config = options.as(Lessons.Config.class);
    peft = site.choice("peft", PeftMethod.class);
    objective = options.choice("objective", Objective.class);
    Base base = bases.open(site, objective.plugin().head(objective.options()));
    try {
      architecture = base.architecture();
      adapter = peft.plugin().open(peft.options(), architecture);
      open(base, roleIn(adapter.schema()));
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }

  private Role roleIn(Schema state) {
    return peft.plugin().role(peft.options(), architecture, state);
  }

  /** Makes the model what a role trains. */
  private void take(Role next) {
    if (next.adapter().schema().equals(role.adapter().schema())) {
      role = next;
      return;
    }
    Base base = bases.open(site, objective.plugin().head(objective.options()));
    LanguageModel before = model;
    try {
      open(base, next);
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
    before.close();
  }

  private void open(Base base, Role next) {
    Reading reading =
        new Reading(base, config.sequence(), config.loss().equals("answer")).behind(next.adapter());
    goal = objective.plugin().open(objective.options(), reading);
    lessons = new Lessons(site, goal, next.adapter().allPlaces(), config);
    model = new LanguageModel(base, next.adapter(), descent.parts(goal).toArray(Part[]::new));
    corrections = new Corrections(model.newManager());
    role = next;
  }

  @Override
  public Start initial() {
    take(roleIn(adapter.schema()));
    return new Start(role.start(model.initial(site.scope().seed())), adapter.files());
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return roleIn(global.schema()).view(global, work);
  }

  /** What this client's model holds of a state when a round begins. */
  Tensors hold(Work work, Tensors global) {
    take(roleIn(global.schema()));
    return role.hold(global, work, site.scope());
  }

  @Override
  public Learned train(Work work, Tensors global) {
    return train(work, hold(work, global), Phase.WHOLE, work.absolute(), List.of(), steps -> {});
  }

  /**
   * Goes through a round's lessons in one way, going on from what the steps of another one
   * remember.
   *
   * @param mine this client's values, as {@link #hold} makes them
   * @param absolute whether the update is what the client holds then, not how far that moved
   * @param after sees the steps when all are done, and what they have is still there
   */
  public Learned train(
      Work work,
      Tensors mine,
      Phase phase,
      boolean absolute,
      List<float[]> before,
      Consumer<Descent.Steps> after) {
    long began = System.nanoTime();
    Losses losses = new Losses();
    try (NDManager owner = model.newManager()) {
      NDList values = model.list(owner, "p", mine);
      NDList start = model.list(owner, "start", mine);
      Moving moving = new Moving(mine.schema(), phase.only(role::moves).moves());
      Corrections.AtWork corrected =
          corrections.begin(owner, phase.corrections(), moving.schema(), moving.of(values));
      Descent.Steps steps =
          descent.begin(
              new Descent.Round(
                  model, goal, owner, values, start, site.scope(), work.round(), moving, corrected),
              before);
      long count = lessons.steps();
      Schedule schedule = Schedule.of(rates, descent.learningRate(), count, work);
      String step = phase.name().isEmpty() ? "step" : phase.name() + " step";
      lessons.read(
          work.round(),
          (long) (phase.from() * count),
          (long) (phase.to() * count),
          lesson -> {
            losses.add(take(steps, lesson, schedule.at(lesson.step()), work), lesson);
            work.progress().at(step, lesson.step() + 1, count);
          });
      corrected.end();
      Tensors learned = read(values, mine.schema());
      Tensors update = travelling(absolute ? learned : learned.minus(mine));
      after.accept(steps);
      double seconds = (System.nanoTime() - began) / 1e9;
      return new Learned(update, lessons.examples(), losses.metrics(seconds), absolute);
    }
  }

  private Tensors travelling(Tensors all) {
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    for (int t = 0; t < all.schema().tensors().size(); t++) {
      if (role.moves(all.schema().tensors().get(t))) {
        tensors.add(all.schema().tensors().get(t));
        values.add(all.values(t));
      }
    }
    return new Tensors(new Schema(tensors), values);
  }

  private static double take(Descent.Steps steps, Lesson lesson, double rate, Work work) {
    String where =
        "round " + work.round() + ", step " + (lesson.step() + 1) + " (" + lesson.names() + ")";
    if (lesson.targets() == 0) {
      throw new SitsOut(where + " has no token to foretell; raise trainer.sequence");
    }
    double loss;
    try {
      loss = steps.take(lesson, rate);
    } catch (ArithmeticException e) {
      throw new SitsOut(
          where + ": " + e.getMessage() + "; lower trainer.learningRate or look at these", e);
    }
    if (!Double.isFinite(loss)) {
      throw new SitsOut(
          where
              + ": the loss is "
              + loss
              + "; lower trainer.learningRate, set trainer.clipNorm, or look at these examples");
    }
    return loss;
  }

  private static Tensors read(NDList values, Schema schema) {
    List<float[]> arrays = new ArrayList<>();
    for (NDArray value : values) {
      arrays.add(value.toFloatArray());
    }
    Tensors tensors = new Tensors(schema, arrays);
    for (int i = 0; i < arrays.size(); i++) {
      for (float x : arrays.get(i)) {
        if (!Float.isFinite(x)) {
          throw new SitsOut(
              schema.tensors().get(i)
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
