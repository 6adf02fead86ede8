package fedllm.learning.jinja;

import java.time.Clock;
import java.util.Map;
import java.util.Set;

/** A template that has been read. Immutable; safe for many threads. */
public final class Template {

  private final Node body;

  private Template(Node body) {
    this.body = body;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateError when it is none, or uses what is not known here; it names the line
   */
  public static Template parse(String source) {
    try {
      return new Template(new StatementParser(Lexer.tokens(source)).template());
    } catch (StackOverflowError e) {
      throw new TemplateError(1, "the template nests too deeply");
    }
  }

  /**
   * Writes the template's text.
   *
   * @param variables by name: null, Boolean, Long, Double, String, List, Map
   * @param watched objects in a list of the variables, by identity, whose turns of a loop are asked
   *     about
   * @throws TemplateError when something is wrong while it writes; it names the line
   */
  public Rendered render(Map<String, ?> variables, Set<Object> watched) {
    Work work = new Work();
    Output out = new Output(watched);
    Scope scope = new Scope(null, work, out);
    Functions.ALL.forEach(scope::set);
    variables.forEach(scope::set);
    try {
      body.render(scope);
      return out.rendered();
    } catch (TemplateError e) {
      throw e.line() > 0 ? e : new TemplateError(Math.max(1, work.line()), e.getMessage());
    } catch (StackOverflowError e) {
      throw new TemplateError(Math.max(1, work.line()), "the template nests too deeply");
    }
  }

  /** Writes the template's text. */
  public String render(Map<String, ?> variables) {
    return render(variables, Set.of()).text();
  }

  /** The variable {@code strftime_now} of a template: the time of a clock, as C formats it. */
  public static Object now(Clock clock) {
    return Functions.now(clock);
  }
}
