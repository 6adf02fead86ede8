package fedllm.trainers.fedbert;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.text.Batch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One side of a split model in one run: what it has of the adapter, and what its optimizer
 * remembers, go on from round to round.
 */
final class PhaseTraining implements Training, Stateful {

  private final Pieces pieces;
  private final FedBert.Config config;
  private final Site site;
  private final Streams streams;
  private final Texts texts;

  /** Null before the first fresh start. */
  private Tensors values;

  private List<float[]> memory = List.of();

  /** Of this step's head, until the embedding's are known too. */
  private List<float[]> pending = List.of();

  PhaseTraining(Pieces pieces, FedBert.Config config, Site site) {
    this.pieces = pieces;
    this.config = config;
    this.site = site;
    this.streams = pieces.streams();
    this.texts = pieces.texts(site);
  }

  @Override
  public Start initial() {
    Tensors adapter = pieces.initial(site.scope().seed());
    List<Tensor> all = new ArrayList<>(adapter.schema().tensors());
    for (String module : List.of(Streams.LOWER, Streams.UPPER, Streams.ENDS)) {
      all.addAll(streams.tensors(module, List.of("nobody")));
    }
    Tensors state = new Tensors(new Schema(all));
    copy(adapter, state);
    return new Start(state, pieces.adapter().files());
  }

  @Override
  public Learned train(Work work, Tensors global) {
    Turn turn = Turn.of(work.settings());
    if (turn.fresh()) {
      values = view(work, global);
      pending = List.of();
    } else if (values == null) {
      throw new SitsOut("it came after the last averaging, and takes part from the next one on");
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    Tensors update =
        switch (turn.phase()) {
          case "below" -> below(turn);
          case "trunk" -> trunk(global);
          case "head" -> head(turn, global, metrics);
          case "layers" -> layers(global);
          case "back" -> back(turn, global);
          case "share" -> share(turn);
          default -> throw new SitsOut("nobody knows the phase " + turn.phase());
        };
    return new Learned(update, config.batch(), metrics, work.absolute());
  }

  private Tensors below(Turn turn) {
    Batch batch = texts.at(turn.step());
    float[] x = pieces.below(values, batch);
    return one(Streams.LOWER, turn, new Streams.Row(Texts.lengths(batch), x));
  }

  private Tensors one(String module, Turn turn, Streams.Row row) {
    return streams.update(module, Map.of(turn.client(), row));
  }

  private Tensors trunk(Tensors global) {
    Map<String, Streams.Row> rows = new LinkedHashMap<>();
    streams
        .rows(global, Streams.LOWER)
        .forEach(
            (client, row) -> {
              float[] y = pieces.between(values, blind(row), row.stream());
              rows.put(client, new Streams.Row(Streams.none(), y));
            });
    return streams.update(Streams.UPPER, rows);
  }

  private Batch blind(Streams.Row row) {
    return Texts.blind(row.lengths(), streams.length());
  }

  private Tensors head(Turn turn, Tensors global, Map<String, Double> metrics) {
    Streams.Row row = streams.rows(global, Streams.UPPER).get(turn.client());
    if (row == null) {
      throw new SitsOut("it was not there when step " + turn.step() + " began");
    }
    Batch batch = texts.at(turn.step());
    Pieces.Made made = pieces.head(values, batch, row.stream());
    if (!Double.isFinite(made.loss()) || batch.targets() == 0) {
      throw new SitsOut(
          "step %d: the loss of %d labels is %s; lower trainer.learningRate, or look at the texts"
              .formatted(turn.step(), batch.targets(), made.loss()));
    }
    metrics.put("loss.first", made.loss());
    pending = made.gradients();
    return one(Streams.UPPER, turn, new Streams.Row(Streams.none(), made.stream()));
  }

  private Tensors layers(Tensors global) {
    Map<String, Streams.Row> lower = streams.rows(global, Streams.LOWER);
    Map<String, Streams.Row> upper = streams.rows(global, Streams.UPPER);
    Map<String, Streams.Row> rows = new LinkedHashMap<>();
    List<float[]> sum = new ArrayList<>();
    upper.forEach(
        (client, back) -> {
          Streams.Row forth = lower.get(client);
          Pieces.Made made =
              pieces.betweenBack(values, blind(forth), forth.stream(), back.stream());
          add(sum, made.gradients(), 1f / upper.size());
          rows.put(client, new Streams.Row(forth.lengths(), made.stream()));
        });
    memory = pieces.step(values, sum, memory, true);
    return streams.update(Streams.LOWER, rows);
  }

  private Tensors back(Turn turn, Tensors global) {
    Streams.Row row = streams.rows(global, Streams.LOWER).get(turn.client());
    if (row != null && !pending.isEmpty()) {
      List<float[]> sum = new ArrayList<>();
      add(sum, pending, 1);
      add(sum, pieces.belowBack(values, texts.at(turn.step()), row.stream()), 1);
      memory = pieces.step(values, sum, memory, false);
      pending = List.of();
    }
    return one(Streams.ENDS, turn, new Streams.Row(Streams.none(), Streams.none()));
  }

  private static void add(List<float[]> sum, List<float[]> more, float weight) {
    for (int i = 0; i < more.size(); i++) {
      if (sum.size() == i) {
        sum.add(new float[more.get(i).length]);
      }
      float[] to = sum.get(i);
      for (int j = 0; j < to.length; j++) {
        to[j] += weight * more.get(i)[j];
      }
    }
  }

  private Tensors share(Turn turn) {
    Tensors own = new Tensors(pieces.of(turn.trunk()));
    copy(values, own);
    return own;
  }

  /** The adapter alone, without what crosses the cuts. */
  @Override
  public Tensors view(Work work, Tensors global) {
    if (global.schema().indexOf(pieces.schema().tensors().get(0).name()) < 0) {
      throw new SitsOut(
          "the adapter does not travel in round "
              + work.round()
              + ", in the middle of a step; make protocol.rounds a multiple of 5 times"
              + " planner.shareEvery and 1");
    }
    Tensors adapter = new Tensors(pieces.schema());
    copy(global, adapter);
    return adapter;
  }

  /** Copies what both have; the one that has less has nothing else. */
  private static void copy(Tensors from, Tensors to) {
    Schema less = from.schema().size() < to.schema().size() ? from.schema() : to.schema();
    for (Tensor tensor : less.tensors()) {
      float[] values = from.values(tensor.name());
      System.arraycopy(values, 0, to.values(tensor.name()), 0, values.length);
    }
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    List<float[]> own = new ArrayList<>();
    for (int i = 0; values != null && i < pieces.schema().tensors().size(); i++) {
      own.add(values.values(i));
    }
    write(out, own);
    write(out, memory);
    write(out, pending);
  }

  private static void write(DataOutput out, List<float[]> arrays) throws IOException {
    out.writeInt(arrays.size());
    for (float[] array : arrays) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(array.length, Float.BYTES));
      bytes.asFloatBuffer().put(array);
      out.writeInt(array.length);
      out.write(bytes.array());
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    List<float[]> own = read(in);
    values = own.isEmpty() ? null : new Tensors(pieces.schema(), own);
    memory = read(in);
    pending = read(in);
  }

  private static List<float[]> read(DataInput in) throws IOException {
    List<float[]> arrays = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      float[] values = new float[in.readInt()];
      byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
      in.readFully(bytes);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
      arrays.add(values);
    }
    return List.copyOf(arrays);
  }

  @Override
  public void close() {
    pieces.close();
  }
}
