package fedllm.learning.base;

import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The TorchScript methods of one site. Where several methods stand, each sees the site as those
 * before it left it: {@code y} is what they made, and {@code base(..)} calls them all. Equations
 * read and make 32-bit floats, whatever the products beside them do.
 */
final class Equations {

  private static final Pattern READS_Y = Pattern.compile("\\by\\b");
  private static final Pattern READS_MATRIX = Pattern.compile("\\bW\\b");
  private static final Pattern READS_HERE = Pattern.compile("\\bhere\\b");
  private static final Pattern BASE = Pattern.compile("(?<![\\w.])base\\(");

  private static final String HERE =
      """
          here = torch.where(torch.logical_and(torch.lt(ids, -FIRST), torch.ge(ids, -LAST)), -1 - FIRST - ids, -1)
      """;

  private final StringBuilder text = new StringBuilder();

  private final boolean taped;

  private Equations(boolean taped) {
    this.taped = taped;
  }

  /**
   * A graft, and where in p its own parameters and those of its adapter begin.
   *
   * @param firstPlace how many places other adapters put before those of its own
   */
  record Placed(Graft graft, int first, Adapter adapter, int firstCommon, int firstPlace) {}

  /** Whether it reads what is trained as matrices of products, and nowhere else. */
  static boolean multiplies(Placed placed) {
    List<String> symbols = new ArrayList<>();
    placed.graft().parameters().forEach(parameter -> symbols.add(parameter.symbol()));
    placed.adapter().common().forEach(parameter -> symbols.add(parameter.symbol()));
    return Products.alone(placed.graft().equation(), symbols);
  }

  /** The method of a site. */
  static String name(String site) {
    return "site_" + site.replace('.', '_');
  }

  /** At a linear layer. */
  static String of(String site, String frozen, String matrix, List<Placed> placed, boolean taped) {
    Equations equations = new Equations(taped);
    String name = name(site);
    String before = name + "_0";
    equations.begin(before, "");
    equations.line("return " + frozen);
    for (int i = 0; i < placed.size(); i++) {
      String method = i == placed.size() - 1 ? name : name + "_" + (i + 1);
      String equation = placed.get(i).graft().equation();
      equations.begin(method, "");
      if (READS_Y.matcher(equation).find()) {
        equations.line("y = (self)." + before + "(ids, w, p, x)");
      }
      equations.line("x = torch.to(x, 6)");
      if (READS_MATRIX.matcher(equation).find()) {
        if (i > 0) {
          throw new IllegalArgumentException(
              "what reads W at " + site + " has to stand there first: " + equation);
        }
        equations.line("W = " + matrix);
      }
      String called = "(self)." + before + "(ids, w, p, ";
      equations.add(placed.get(i), BASE.matcher(equation).replaceAll(called));
      equations.line("return y");
      before = method;
    }
    return equations.text.toString();
  }

  /** At any other site. */
  static String of(String site, List<Placed> placed, boolean taped) {
    Equations equations = new Equations(taped);
    equations.begin(name(site), ", y: Tensor");
    placed.forEach(graft -> equations.add(graft, graft.graft().equation()));
    equations.line("return y");
    return equations.text.toString();
  }

  private void begin(String name, String y) {
    text.append("  def ").append(name).append("(self: __torch__.K, ids: Tensor, ");
    text.append("w: List[Tensor], p: List[Tensor], x: Tensor").append(y).append(") -> Tensor:\n");
  }

  private void add(Placed placed, String equation) {
    symbols(placed.graft().parameters(), placed.first());
    symbols(placed.adapter().common(), placed.firstCommon());
    if (READS_HERE.matcher(equation).find()) {
      int last = placed.firstPlace() + placed.adapter().places();
      text.append(
          HERE.replace("FIRST", "" + placed.firstPlace()).replace("LAST", Integer.toString(last)));
    }
    line("y = " + Products.write(equation, (x, matrix) -> product(placed, x, matrix)));
  }

  private String product(Placed placed, String x, String matrix) {
    int own = place(placed.graft().parameters(), matrix, placed.first());
    int place = own < 0 ? place(placed.adapter().common(), matrix, placed.firstCommon()) : own;
    return taped && place >= 0 ? Tape.product(x, place) : "torch.linear(" + x + ", " + matrix + ")";
  }

  /** Where in p a symbol stands, or -1. */
  private static int place(List<Parameter> parameters, String symbol, int first) {
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).symbol().equals(symbol)) {
        return first + i;
      }
    }
    return -1;
  }

  private void symbols(List<Parameter> parameters, int first) {
    for (int i = 0; i < parameters.size(); i++) {
      line(parameters.get(i).symbol() + " = p[" + (first + i) + "]");
    }
  }

  private void line(String code) {
    text.append("    ").append(code).append('\n');
  }
}
