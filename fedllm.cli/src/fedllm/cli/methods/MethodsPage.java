package fedllm.cli.methods;

import fedllm.api.run.OptionView;
import fedllm.api.run.PluginView;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The table of methods as a page of the documentation. */
public final class MethodsPage {

  private MethodsPage() {}

  /** The page in Markdown. */
  public static String markdown(List<PluginView> plugins) {
    StringBuilder page = new StringBuilder();
    page.append(
        "# Methods\n\nMade by `./fedllm methods --markdown > docs/methods.md`; do not edit.\n");
    Map<String, List<PluginView>> kinds =
        plugins.stream()
            .collect(Collectors.groupingBy(PluginView::kind, TreeMap::new, Collectors.toList()));
    kinds.forEach(
        (kind, some) -> {
          page.append("\n## ").append(kind).append("\n\n");
          page.append("| name | what it does | paper | is |\n|---|---|---|---|\n");
          some.forEach(plugin -> row(page, plugin));
          some.stream()
              .filter(plugin -> !plugin.options().isEmpty())
              .forEach(plugin -> options(page, plugin));
        });
    return page.toString();
  }

  /** The page with what the recipes were measured to do; null where nobody keeps that. */
  public static String markdown(List<PluginView> plugins, Compared compared) {
    return markdown(plugins) + (compared == null ? "" : compared.markdown());
  }

  /** The table in README.md: names by kind. */
  public static String table(List<PluginView> plugins) {
    StringBuilder table = new StringBuilder("| kind | plugins |\n|---|---|\n");
    plugins.stream()
        .collect(
            Collectors.groupingBy(
                PluginView::kind,
                TreeMap::new,
                Collectors.mapping(
                    plugin -> "`" + plugin.name() + "` " + plugin.does(),
                    Collectors.joining(" · "))))
        .forEach((kind, some) -> cells(table, kind, some));
    return table.toString();
  }

  private static void row(StringBuilder page, PluginView plugin) {
    cells(
        page,
        "`" + plugin.name() + "`",
        plugin.does(),
        paper(plugin.paper()),
        String.join(", ", plugin.is()).toLowerCase(Locale.ROOT));
  }

  private static void options(StringBuilder page, PluginView plugin) {
    page.append("\n### ").append(plugin.name()).append("\n\n");
    page.append("| option | type | default | accepts |\n|---|---|---|---|\n");
    for (OptionView option : plugin.options()) {
      String preset = option.preset().isEmpty() ? "" : "`" + option.preset() + "`";
      cells(page, "`" + option.name() + "`", option.type(), preset, option.range());
    }
  }

  private static void cells(StringBuilder page, String... cells) {
    page.append("| ");
    page.append(
        List.of(cells).stream()
            .map(cell -> cell.replace("|", "\\|"))
            .collect(Collectors.joining(" | ")));
    page.append(" |\n");
  }

  private static String paper(String paper) {
    return paper.startsWith("arXiv:")
        ? "[" + paper + "](https://arxiv.org/abs/" + paper.substring("arXiv:".length()) + ")"
        : paper;
  }
}
