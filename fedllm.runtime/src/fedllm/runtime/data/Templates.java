package fedllm.runtime.data;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import fedllm.api.data.Turn;
import fedllm.api.error.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The templates that a job may name: those of the house and the job's own. Immutable. */
public final class Templates {

  private static final String HOUSE = "templates.yaml";

  private final Map<String, Template> templates;

  private Templates(Map<String, Template> templates) {
    this.templates = templates;
  }

  /** Those that come with the house. */
  public static Templates ofTheHouse() {
    try (InputStream in = Templates.class.getResourceAsStream(HOUSE)) {
      Map<String, Object> texts = new YAMLMapper().readValue(in, new TypeReference<>() {});
      return new Templates(Map.of()).and(texts);
    } catch (IOException e) {
      throw new UncheckedIOException(HOUSE, e);
    }
  }

  /**
   * These and more; of one name the new one counts.
   *
   * @param texts by name: one form, or a list of forms, each with {@code prompt} and {@code
   *     answer}, or {@code prompt}, {@code chosen} and {@code rejected}, or with {@code turns}, or
   *     the word {@code conversation}
   * @throws Refused when one of them is no template
   */
  public Templates and(Map<String, Object> texts) {
    Map<String, Template> all = new TreeMap<>(templates);
    texts.forEach((name, forms) -> all.put(name, template(name, forms)));
    return new Templates(all);
  }

  /**
   * One by name.
   *
   * @throws Refused when there is none of that name
   */
  public Template get(String name) {
    Template template = templates.get(name);
    if (template == null) {
      throw new Refused("no template is called " + name + "; there are " + templates.keySet());
    }
    return template;
  }

  /**
   * Looks whether a value is a template.
   *
   * @throws Refused when it is none
   */
  public static void check(String name, Object forms) {
    template(name, forms);
  }

  private static Template template(String name, Object forms) {
    List<Form> read = new ArrayList<>();
    for (Object form : forms instanceof List<?> list ? list : Arrays.asList(forms)) {
      read.add(form(name, form));
    }
    if (read.isEmpty()) {
      throw new Refused("template " + name + " has no form; give it a prompt and an answer");
    }
    return new Template(name, read);
  }

  private static Form form(String name, Object form) {
    if (form instanceof Map<?, ?> parts
        && parts.size() == 2
        && parts.get("prompt") instanceof String prompt
        && parts.get("answer") instanceof String answer) {
      return new Form.Pair(wording(name, "prompt", prompt), wording(name, "answer", answer));
    }
    if (form instanceof Map<?, ?> parts
        && parts.size() == 3
        && parts.get("prompt") instanceof String prompt
        && parts.get("chosen") instanceof String chosen
        && parts.get("rejected") instanceof String rejected) {
      return new Form.Choice(
          wording(name, "prompt", prompt),
          wording(name, "chosen", chosen),
          wording(name, "rejected", rejected));
    }
    if (form instanceof Map<?, ?> parts
        && parts.size() == 1
        && parts.get("turns") instanceof List<?> turns
        && !turns.isEmpty()) {
      return new Form.Script(turns.stream().map(turn -> line(name, turn)).toList());
    }
    if ("conversation".equals(form)) {
      return new Form.Own();
    }
    throw new Refused(
        "template "
            + name
            + " must have two texts, prompt and answer; or three, prompt, chosen and rejected; or"
            + " turns, a list such as [ { user: \"{question}\" }, { assistant: \"{answer}\" } ]; or"
            + " be the word conversation");
  }

  private static Map.Entry<Turn.Role, Wording> line(String name, Object turn) {
    if (turn instanceof Map<?, ?> said && said.size() == 1) {
      Object role = said.keySet().iterator().next();
      for (Turn.Role known : Turn.Role.values()) {
        if (known.word().equals(role) && said.get(role) instanceof String text) {
          return Map.entry(known, wording(name, known.word(), text));
        }
      }
    }
    throw new Refused(
        "template "
            + name
            + ": a turn is one of system, user, assistant and tool with a text, such as"
            + " { user: \"{question}\" }");
  }

  private static Wording wording(String name, String part, String text) {
    try {
      return new Wording(text);
    } catch (IllegalArgumentException e) {
      throw new Refused("template " + name + ", " + part + ": " + e.getMessage(), e);
    }
  }
}
