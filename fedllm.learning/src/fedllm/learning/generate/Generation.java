package fedllm.learning.generate;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.text.Tokenizer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A model writes: it reads prompts side by side once, then a token of each at a time, with a cache
 * of keys and values. No prompt sees another; a text that has ended waits for the others. Used by
 * one thread.
 */
public final class Generation implements AutoCloseable {

  private static final long[] NONE = {};

  private final LanguageModel model;
  private final NDList values;
  private final Tokenizer tokenizer;
  private final NDManager owner;
  private Cache cache;
  private float[] logits = {};

  /**
   * A generation that reads the model and leaves it open.
   *
   * @param values as {@link LanguageModel#list} made them
   * @throws SitsOut when the model is no decoder
   */
  public Generation(LanguageModel model, NDList values) {
    if (!model.base().architecture().causal()
        || model.base().architecture().head().kind() != Head.Kind.TOKENS) {
      throw new SitsOut(
          model.base().folder().folder()
              + ": this model writes no text: it does not foretell a token from those before it");
    }
    this.model = model;
    this.values = values;
    this.tokenizer = model.base().tokenizer();
    this.owner = model.newManager();
  }

  /** What the model writes behind a prompt. What it read before with the same beginning is kept. */
  public Answer answer(int[] prompt, Asked asked, Listener listener) {
    return answers(List.of(prompt), asked, listener).get(0);
  }

  /**
   * What the model writes behind each of some prompts.
   *
   * @throws SitsOut when a prompt is empty, or leaves no room for an answer
   */
  public List<Answer> answers(List<int[]> prompts, Asked asked, Listener listener) {
    int context = model.base().architecture().context();
    int longest = 0;
    for (int[] prompt : prompts) {
      int length = prompt.length + model.places();
      if (prompt.length == 0 || length >= context) {
        throw new SitsOut(
            "a prompt of "
                + prompt.length
                + " tokens leaves no room for an answer; the model reads 1 to "
                + (context - model.places() - 1));
      }
      longest = Math.max(longest, length);
    }
    Sampler sampler = new Sampler(asked.sampling());
    List<Writer> writers = new ArrayList<>();
    int room = 0;
    for (int i = 0; i < prompts.size(); i++) {
      int[] prompt = prompts.get(i);
      int most = Math.min(asked.most(), context - model.places() - prompt.length);
      writers.add(new Writer(tokenizer::decode, prompt, i, asked, most, sampler, listener));
      room = Math.max(room, most);
    }
    write(new Texts(prompts, model.places(), longest, longest + room), longest + room, writers);
    return writers.stream().map(Writer::answer).toList();
  }

  private void write(Texts texts, int most, List<Writer> writers) {
    int rows = writers.size();
    int read = open(texts, rows, most);
    long[] next = new long[rows];
    while (true) {
      int first = texts.first(model.base().architecture(), read);
      int count = read(texts.from(first), texts.segments(), rows, first);
      read = texts.length();
      boolean open = false;
      for (int row = 0; row < rows; row++) {
        next[row] = writers.get(row).write(logits, row * count, count);
        open |= !writers.get(row).ended();
      }
      if (!open) {
        if (rows == 1) {
          cache.hold(texts.row(0, read));
        }
        return;
      }
      texts.add(next);
    }
  }

  /** Makes room, and says how much of the texts is in the cache already. */
  private int open(Texts texts, int rows, int length) {
    if (cache != null && cache.fits(rows, length)) {
      int common = rows == 1 ? cache.common(texts.row(0, texts.length())) : 0;
      cache.hold(NONE); // until all has gone well
      return common;
    }
    if (cache != null) {
      cache.close();
    }
    cache = new Cache(model, owner, rows, length);
    return 0;
  }

  /**
   * Feeds tokens behind those in the cache; the logits of each row's next one follow each other.
   *
   * @return how many logits a row has
   */
  private int read(long[] fed, long[] segments, int rows, int first) {
    try (NDManager step = owner.newSubManager()) {
      NDList tokens = model.batch(step, rows, fed, segments, NONE, first);
      NDArray next = model.next(tokens, cache.arrays(), values);
      int count = Math.toIntExact(next.getShape().get(1));
      if (logits.length != rows * count) {
        logits = new float[rows * count];
      }
      NDArray here = next.toDevice(Device.cpu(), false);
      here.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer().get(logits);
      return count;
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
