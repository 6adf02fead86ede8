package fedllm.recipe;

import fedllm.api.error.Ends;
import fedllm.cli.methods.Compared;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The metric by round as a picture: a few recipes in each panel, and in all of them the baseline,
 * with what each silo alone and pooled training came to.
 */
final class Curves {

  private static final int IN_A_PANEL = 6;
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int DPI = 144;

  /** Okabe and Ito's, which those who see few colours tell apart, too. */
  private static final Color[] COLOURS = {
    new Color(0x00, 0x72, 0xB2),
    new Color(0xE6, 0x9F, 0x00),
    new Color(0x00, 0x9E, 0x73),
    new Color(0xD5, 0x5E, 0x00),
    new Color(0xCC, 0x79, 0xA7),
    new Color(0x56, 0xB4, 0xE9)
  };

  private static final float[] DASHES = {6, 4};
  private static final float[] LONG_DASHES = {14, 4};
  private static final float[] DOTS = {2, 3};

  private Curves() {}

  /** Draws a PNG. */
  static void draw(Compared compared, Path file) throws IOException {
    List<Compared.Row> recipes =
        compared.rows().stream()
            .filter(row -> !row.curve().isEmpty() && !row.name().equals(Race.BASELINE))
            .toList();
    List<XYChart> panels = new ArrayList<>();
    for (int from = 0; from == 0 || from < recipes.size(); from += IN_A_PANEL) {
      panels.add(
          panel(compared, recipes.subList(from, Math.min(recipes.size(), from + IN_A_PANEL))));
    }
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    int columns = panels.size() == 1 ? 1 : 2;
    while (panels.size() % columns != 0) {
      panels.add(panel(compared, List.of())); // a grid has no gaps
    }
    String path = file.toString().replaceFirst("\\.png$", "");
    try {
      if (panels.size() == 1) {
        BitmapEncoder.saveBitmapWithDPI(panels.get(0), path, BitmapFormat.PNG, DPI);
      } else {
        BitmapEncoder.saveBitmap(panels, panels.size() / columns, columns, path, BitmapFormat.PNG);
      }
    } catch (LinkageError e) {
      throw new Ends(
          "this Java cannot draw letters ("
              + e
              + "); install fontconfig and a font, or give no"
              + " --picture",
          e);
    }
  }

  private static XYChart panel(Compared compared, List<Compared.Row> recipes) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("round")
            .yAxisTitle("held-out " + compared.metric())
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setLegendBorderColor(new Color(0, 0, 0, 0));
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesColor(new Color(0xE8, 0xE8, 0xE8));
    chart.getStyler().setXAxisDecimalPattern("0");
    for (int i = 0; i < recipes.size(); i++) {
      line(chart, recipes.get(i)).setLineColor(COLOURS[i]);
    }
    int rounds = compared.rows().stream().mapToInt(row -> row.curve().size()).max().orElse(1) - 1;
    for (Compared.Row row : compared.rows()) {
      if (row.name().equals(Race.BASELINE) && !row.curve().isEmpty()) {
        XYSeries series = line(chart, row);
        series.setLineColor(Color.BLACK);
        series.setLineWidth(2.5f);
      } else if (row.curve().isEmpty() && row.mean() != null) {
        boolean pooled = row.name().equals(Race.POOLED);
        level(chart, row.name(), row.mean(), rounds, pooled ? LONG_DASHES : DASHES);
      }
      if (row.curve().isEmpty() && row.own() != null && !row.own().equals(row.mean())) {
        level(chart, row.name() + ", on its own texts", row.own(), rounds, DOTS);
      }
    }
    return chart;
  }

  private static XYSeries line(XYChart chart, Compared.Row row) {
    int[] measured =
        IntStream.range(0, row.curve().size())
            .filter(round -> row.curve().get(round) != null)
            .toArray();
    double[] rounds = IntStream.of(measured).asDoubleStream().toArray();
    double[] values = IntStream.of(measured).mapToDouble(row.curve()::get).toArray();
    XYSeries series = chart.addSeries(row.name(), rounds, values);
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }

  private static void level(XYChart chart, String name, double value, int rounds, float[] pattern) {
    XYSeries series = chart.addSeries(name, new double[] {0, rounds}, new double[] {value, value});
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(Color.GRAY);
    series.setLineStyle(
        new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, pattern, 0));
  }
}
