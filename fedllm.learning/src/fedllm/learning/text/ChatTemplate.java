package fedllm.learning.text;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.learning.jinja.Rendered;
import fedllm.learning.jinja.Template;
import fedllm.learning.jinja.TemplateError;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * How a model writes a conversation: a Jinja template with the settings of Hugging Face. Immutable;
 * safe for many threads.
 */
public final class ChatTemplate {

  private static final Clock LEARNING =
      Clock.fixed(Instant.parse("2024-07-26T00:00:00Z"), ZoneOffset.UTC);

  private final Template template;
  private final IntFunction<String> place;
  private final Map<String, Object> tokens;
  private final boolean plain;

  private ChatTemplate(
      Template template, IntFunction<String> place, Map<String, Object> tokens, boolean plain) {
    this.template = template;
    this.place = place;
    this.tokens = tokens;
    this.plain = plain;
  }

  /**
   * The template that comes with a model: {@code chat_template.jinja}, else {@code chat_template}
   * of {@code tokenizer_config.json}, of several the one named {@code default}.
   *
   * @throws SitsOut when there is none, or it cannot be read; the message names file and line
   */
  public static ChatTemplate of(ModelFolder folder) {
    return ChatTemplateFiles.read(folder);
  }

  /**
   * One for models that come without: {@code chatml}, {@code plain}, {@code question}, or a file.
   *
   * @param folder whose tokens the template may name
   * @throws SitsOut when it is none of these
   */
  public static ChatTemplate named(String name, ModelFolder folder) {
    return ChatTemplateFiles.named(name, folder);
  }

  /**
   * Reads a template's text.
   *
   * @param place how messages name a line of it
   * @param settings the tokenizer's, for tokens such as {@code bos_token}
   * @param plain whether the tokenizer puts its tokens around the text, for the template has none
   */
  static ChatTemplate parse(
      String source, IntFunction<String> place, JsonNode settings, boolean plain) {
    Map<String, Object> tokens = new HashMap<>();
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      JsonNode token = settings.path(name);
      String text = token.isObject() ? token.path("content").asText("") : token.asText("");
      if (!text.isEmpty()) {
        tokens.put(name, text);
      }
    }
    tokens.put("tools", null);
    tokens.put("documents", null);
    try {
      return new ChatTemplate(Template.parse(source), place, tokens, plain);
    } catch (TemplateError e) {
      throw new SitsOut(place.apply(e.line()) + ": " + e.getMessage(), e);
    }
  }

  /**
   * What the model reads before it answers.
   *
   * @param clock what the template sees as now
   */
  public String prompt(List<Turn> turns, Clock clock) {
    return render(messages(turns), true, clock).text();
  }

  /** The tokens of {@link #prompt}. */
  public int[] prompt(List<Turn> turns, Clock clock, Tokenizer tokenizer) {
    String text = prompt(turns, clock);
    if (!plain) {
      return tokenizer.encodeWritten(text);
    }
    int[] ids = tokenizer.encode(text);
    boolean ended = ids.length > 0 && ids[ids.length - 1] == tokenizer.end();
    return ended ? Arrays.copyOf(ids, ids.length - 1) : ids;
  }

  /**
   * A conversation to learn from. Answers are what stands in {@code {% generation %}} blocks; in
   * templates without such blocks, what the template's loop writes in an assistant's turn, after
   * that with which it asks for an answer: from where the model goes on by itself up to what ends
   * the turn.
   *
   * <p>The template sees a day that never changes, so that the same turns give the same text: the
   * one that Llama 3's template takes when it is told none.
   */
  public Marked mark(List<Turn> turns) {
    List<Map<String, Object>> messages = messages(turns);
    Rendered whole = render(messages, false, LEARNING);
    List<Marked.Span> answers = new ArrayList<>();
    if (!whole.generations().isEmpty()) {
      whole.generations().forEach(part -> answers.add(new Marked.Span(part.from(), part.to())));
      return new Marked(whole.text(), answers);
    }
    String asks = asks(messages, whole.text());
    int end = 0;
    for (Rendered.Part part : whole.parts()) {
      int from = part.from() + common(whole.text(), part.from(), part.to(), asks);
      if (isAnswer(part.item()) && from >= end && from < part.to()) {
        answers.add(new Marked.Span(from, part.to()));
        end = part.to();
      }
    }
    for (Map<String, Object> message : messages) {
      if (isAnswer(message) && whole.parts().stream().noneMatch(part -> part.item() == message)) {
        throw new SitsOut(
            place.apply(1)
                + ": which text is the assistant's cannot be told: no loop goes over the turns;"
                + " put {% generation %} and {% endgeneration %} around it");
      }
    }
    return new Marked(whole.text(), answers);
  }

  /**
   * What ends an answer: the text that follows it in its turn, such as {@code <|im_end|>}; where
   * that is blank, the text up to the user's next words. Empty where it cannot be told.
   */
  public String ending() {
    String answer = "An answer.";
    String next = "Next words.";
    Turn first = new Turn(Turn.Role.USER, "First words.");
    Marked marked;
    try {
      marked =
          mark(
              List.of(
                  first, new Turn(Turn.Role.ASSISTANT, answer), new Turn(Turn.Role.USER, next)));
    } catch (SitsOut e) {
      return ""; // not every template that asks for an answer can be learned from
    }
    int from = marked.text().indexOf(answer);
    int to = marked.text().indexOf(next);
    if (from < 0 || to < from || marked.answers().isEmpty()) {
      return "";
    }
    int end = marked.answers().get(0).to();
    String own = marked.text().substring(from + answer.length(), end).strip();
    return own.isEmpty()
        ? marked.text().substring(from + answer.length(), to).stripTrailing()
        : own;
  }

  /** What the template adds to ask for an answer. */
  private String asks(List<Map<String, Object>> messages, String without) {
    Rendered with = render(messages, true, LEARNING);
    if (with.text().startsWith(without)) {
      return with.text().substring(without.length());
    }
    int end = with.parts().stream().mapToInt(Rendered.Part::to).max().orElse(0);
    return with.text().substring(end);
  }

  private static int common(String text, int from, int to, String start) {
    int length = 0;
    while (length < start.length()
        && from + length < to
        && text.charAt(from + length) == start.charAt(length)) {
      length++;
    }
    return length;
  }

  private static boolean isAnswer(Object message) {
    return Turn.Role.ASSISTANT.word().equals(((Map<?, ?>) message).get("role"));
  }

  private Rendered render(List<Map<String, Object>> messages, boolean asks, Clock clock) {
    Map<String, Object> variables = new HashMap<>(tokens);
    variables.put("messages", messages);
    variables.put("add_generation_prompt", asks);
    variables.put("strftime_now", Template.now(clock));
    Set<Object> watched = Collections.newSetFromMap(new IdentityHashMap<>());
    watched.addAll(messages);
    try {
      return template.render(variables, watched);
    } catch (TemplateError e) {
      throw new SitsOut(place.apply(e.line()) + ": " + e.getMessage(), e);
    }
  }

  private static List<Map<String, Object>> messages(List<Turn> turns) {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Turn turn : turns) {
      messages.add(new HashMap<>(Map.of("role", turn.role().word(), "content", turn.text())));
    }
    return messages;
  }

  /** Messages name a line of a file so. */
  static IntFunction<String> lineOf(Path file) {
    return line -> file + ":" + line;
  }
}
