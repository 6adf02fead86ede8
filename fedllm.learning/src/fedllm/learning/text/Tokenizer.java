package fedllm.learning.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.learning.kernel.ContextClassLoader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A model's {@code tokenizer.json}. Safe for many threads. */
public final class Tokenizer implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;
  private final ModelFolder folder;
  private final int end;
  private Optional<ChatTemplate> chat;

  private Tokenizer(HuggingFaceTokenizer tokenizer, ModelFolder folder, int end) {
    this.tokenizer = tokenizer;
    this.folder = folder;
    this.end = end;
  }

  /** Reads a model's tokenizer; what is wrong with it is refused by file. */
  public static Tokenizer open(ModelFolder folder) {
    Path file = folder.tokenizer();
    TokenizerFile read = TokenizerFile.read(folder);
    try (var loader = ContextClassLoader.of(HuggingFaceTokenizer.class);
        InputStream in = new ByteArrayInputStream(read.bytes())) {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(
              in, Map.of("padding", "false", "truncation", "false", "addSpecialTokens", "true")),
          folder,
          read.end());
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new SitsOut(file + ": the tokenizer cannot be opened: " + e.getMessage(), e);
    }
  }

  /**
   * Refuses a tokenizer that has more tokens than a model knows, before either is loaded; a folder
   * without one is left to who wants it.
   *
   * @param vocabulary how many tokens the model knows
   */
  public static void check(ModelFolder folder, int vocabulary) {
    if (!Files.exists(folder.tokenizer())) {
      return;
    }
    long largest = TokenizerFile.read(folder).largestId();
    if (largest >= vocabulary) {
      throw new SitsOut(
          folder.tokenizer()
              + ": has a token with the id "
              + largest
              + ", but by config.json the model knows "
              + vocabulary
              + " tokens; take both files from one model");
    }
  }

  /** The ids of a text, with the tokens that the tokenizer puts around it. */
  public int[] encode(String text) {
    return ids(encoding(text, true));
  }

  /**
   * One text or two, as a model reads them that says what the whole is.
   *
   * @param texts one or two
   * @param length how many tokens there may be
   */
  public Fitted fit(List<String> texts, int length) {
    return Fitted.of(
        texts.size() == 1
            ? encoding(texts.get(0), true)
            : guarded(() -> tokenizer.encode(texts.get(0), texts.get(1), true, false)),
        length);
  }

  private Encoding encoding(String text, boolean around) {
    return guarded(() -> tokenizer.encode(text, around, false));
  }

  private Encoding guarded(Supplier<Encoding> encoding) {
    try {
      return encoding.get();
    } catch (RuntimeException e) {
      // The message may hold some of the text.
      throw new SitsOut(
          folder.tokenizer()
              + ": the tokenizer fails on a text; its vocabulary may lack the unknown token",
          e);
    }
  }

  /** The ids of a text in which a chat template wrote all tokens itself. */
  public int[] encodeWritten(String text) {
    return ids(encoding(text, false));
  }

  /**
   * The ids of a text or conversation and its end, cut to a length: what a model reads and is to
   * write. Conversations are laid out by the model's chat template, plainly if it has none.
   *
   * @param answersOnly whether only what belongs to an answer counts as foretold
   */
  public Row encode(Example example, int length, boolean answersOnly) {
    if (example instanceof Example.Text text) {
      return encode(text.prompt(), text.answer(), length, answersOnly);
    }
    if (example instanceof Example.Conversation conversation) {
      Optional<ChatTemplate> template = chat();
      return template.isPresent()
          ? encodeWritten(template.get().mark(conversation.turns()), length, answersOnly)
          : encode(PlainTurns.of(conversation), length, answersOnly);
    }
    throw new IllegalArgumentException("ids are encoded already");
  }

  /**
   * The ids of a text and its end, cut to a length.
   *
   * @param answerOnly whether only what belongs to the answer counts as foretold
   */
  public Row encode(String prompt, String answer, int length, boolean answerOnly) {
    Encoding encoding = encoding(prompt + answer, true);
    int[] ids = ids(encoding);
    int first = answerOnly ? firstAfter(encoding, prompt) : 1;
    return Row.next(cut(withEnd(ids), length), Math.max(1, first));
  }

  private int[] withEnd(int[] ids) {
    if (end < 0 || (ids.length > 0 && ids[ids.length - 1] == end)) {
      return ids;
    }
    int[] ended = Arrays.copyOf(ids, ids.length + 1);
    ended[ids.length] = end;
    return ended;
  }

  private static int[] cut(int[] ids, int length) {
    return ids.length > length ? Arrays.copyOf(ids, length) : ids;
  }

  /**
   * The ids of a text with several answers and its end, cut to a length.
   *
   * @param answersOnly whether only what belongs to an answer counts as foretold; the end does
   *     where the text ends in an answer
   */
  public Row encode(Marked marked, int length, boolean answersOnly) {
    Encoding encoding = encoding(marked.text(), true);
    int[] ids = withEnd(ids(encoding));
    BitSet silent = answersOnly ? silent(encoding, marked) : new BitSet();
    if (answersOnly && end >= 0) {
      silent.set(ids.length - 1, !marked.endsInAnswer());
    }
    return Row.next(cut(ids, length), 1, silent);
  }

  /** The same of a text in which a chat template wrote all tokens itself, also its end. */
  Row encodeWritten(Marked marked, int length, boolean answersOnly) {
    Encoding encoding = encoding(marked.text(), false);
    BitSet silent = answersOnly ? silent(encoding, marked) : new BitSet();
    return Row.next(cut(ids(encoding), length), 1, silent);
  }

  /** The tokens that hold no character of an answer. */
  private static BitSet silent(Encoding encoding, Marked marked) {
    String text = marked.text();
    BitSet answers = new BitSet(); // by code points, which is what spans count
    for (Marked.Span answer : marked.answers()) {
      int from = text.codePointCount(0, answer.from());
      answers.set(from, from + text.codePointCount(answer.from(), answer.to()));
    }
    BitSet silent = new BitSet();
    CharSpan[] spans = encoding.getCharTokenSpans();
    for (int i = 0; i < spans.length; i++) {
      int next = spans[i] == null ? -1 : answers.nextSetBit(spans[i].getStart());
      silent.set(i, spans[i] == null || next < 0 || next >= spans[i].getEnd());
    }
    return silent;
  }

  /** The text of ids, without the tokens around it. */
  public String decode(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  /** The text of ids, with the tokens around it as the tokenizer writes them. */
  public String show(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** The model's own chat template, if it has one; read when first asked for. */
  public synchronized Optional<ChatTemplate> chat() {
    if (chat == null) {
      chat = ChatTemplateFiles.find(folder);
    }
    return chat;
  }

  /** The token that ends a text, or -1. */
  public int end() {
    return end;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /** The first token that holds a character after the prompt; spans count code points. */
  private static int firstAfter(Encoding encoding, String prompt) {
    int characters = prompt.codePointCount(0, prompt.length());
    CharSpan[] spans = encoding.getCharTokenSpans();
    for (int i = 0; i < spans.length; i++) {
      if (spans[i] != null && spans[i].getEnd() > characters) {
        return i;
      }
    }
    return spans.length;
  }

  private static int[] ids(Encoding encoding) {
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }
}
