package fedllm.learning.base;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The TorchScript method of one site: its frozen output, and one equation after the other over it.
 */
final class Equations {

  private static final Pattern READS_Y = Pattern.compile("\\by\\b");
  private static final Pattern READS_MATRIX = Pattern.compile("\\bW\\b");
  private static final Pattern BASE = Pattern.compile("(?<![\\w.])base\\(");
  private static final Pattern LINEAR = Pattern.compile("(?<![\\w.])linear\\(");

  private final String name;
  private final String frozen;
  private final String matrix;
  private final StringBuilder text = new StringBuilder();
  private boolean first = true;

  private Equations(String name, String frozen, String matrix) {
    this.name = name;
    this.frozen = frozen;
    this.matrix = matrix;
  }

  /** At a linear layer. */
  static Equations of(String site, String frozen, String matrix) {
    Equations equations = new Equations(name(site), frozen, matrix);
    equations.text.append("  def base_").append(equations.name);
    equations.text.append("(self: __torch__.K, w: List[Tensor], x: Tensor) -> Tensor:\n");
    equations.line("return " + frozen);
    equations.begin("x: Tensor");
    return equations;
  }

  /** At any other site. */
  static Equations of(String site) {
    Equations equations = new Equations(name(site), "", "");
    equations.begin("x: Tensor, y: Tensor");
    return equations;
  }

  /** The method of a site. */
  static String name(String site) {
    return "site_" + site.replace('.', '_');
  }

  private void begin(String arguments) {
    text.append("  def ").append(name).append("(self: __torch__.K, ").append(arguments);
    text.append(", ids: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:\n");
  }

  /** Adds an equation over what comes before it. */
  void add(List<String> symbols, String equation) {
    if (first && !frozen.isEmpty() && READS_Y.matcher(equation).find()) {
      line("y = (self).base_" + name + "(w, x)");
    }
    first = false;
    symbols.forEach(this::line);
    if (READS_MATRIX.matcher(equation).find()) {
      line("W = " + matrix);
    }
    String frozenCalled = BASE.matcher(equation).replaceAll("(self).base_" + name + "(w, ");
    line("y = " + LINEAR.matcher(frozenCalled).replaceAll("torch.linear("));
  }

  String text() {
    line("return y");
    return text.toString();
  }

  private void line(String code) {
    text.append("    ").append(code).append('\n');
  }
}
