package fedllm.bench.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import fedllm.bench.Row;
import fedllm.format.Dtype;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Generation;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.peft.Adapter;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Loading a model beside reading its file, and generating beside reading its weights. */
final class Reading {

  private static final int TOKENS = 64;

  private final Shape shape;
  private final Path model;
  private final int turns;

  Reading(Shape shape, Path model, boolean quick) {
    this.shape = shape;
    this.model = model;
    this.turns = quick ? 3 : 5;
  }

  List<Row> measure() {
    List<Row> rows = new ArrayList<>();
    for (Route route : List.of(Route.FP32, Route.BF16)) {
      Bases bases = new Bases(List.of(new Llama()), Precision.of(route));
      String name = "training." + shape.name() + "." + route.name().toLowerCase(Locale.ROOT);
      double[] load = new double[turns];
      double[] read = new double[turns];
      for (int turn = 0; turn < turns; turn++) {
        read[turn] = Clock.cpuSeconds(this::readFile);
        load[turn] = Clock.cpuSeconds(() -> bases.open(model).close());
      }
      rows.add(new Row(name + ".load", Clock.median(load), "CPU-s", Clock.median(read)));
      rows.add(generation(name, bases, route == Route.BF16 ? Dtype.BF16 : Dtype.F32));
    }
    return rows;
  }

  private Row generation(String name, Bases bases, Dtype dtype) {
    Base base = bases.open(model);
    try (LanguageModel language = new LanguageModel(base, Adapter.NONE);
        NDManager owner = language.newManager();
        Generation generation =
            new Generation(language, language.list(owner, "p", language.initial(1)))) {
      double[] token = new double[turns];
      double[] limit = new double[turns];
      // The engine's sum of so many values reads memory as fast as one thread does.
      NDArray memory =
          owner.ones(
              new ai.djl.ndarray.types.Shape((long) (shape.bytesPerToken(dtype) / Float.BYTES)));
      for (int turn = -1; turn < turns; turn++) {
        double some = Clock.cpuSeconds(() -> write(generation, 16));
        double more = Clock.cpuSeconds(() -> write(generation, 16 + TOKENS));
        double bound = Clock.cpuSeconds(() -> memory.sum().close());
        if (turn >= 0) {
          token[turn] = (more - some) / TOKENS;
          limit[turn] = bound;
        }
      }
      return new Row(name + ".secondsPerToken", Clock.median(token), "CPU-s", Clock.median(limit));
    }
  }

  private void readFile() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 22);
    try (FileChannel file = FileChannel.open(model.resolve("model.safetensors"))) {
      while (file.read(buffer.clear()) >= 0) {
        buffer.clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Generation generation, int tokens) {
    Asked asked = new Asked(Sampling.GREEDY, tokens, Set.of());
    generation.answer(new int[] {1, 2, 3}, asked, Listener.NONE);
  }
}
