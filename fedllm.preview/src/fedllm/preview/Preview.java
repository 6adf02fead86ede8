package fedllm.preview;

import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.cli.data.View;
import fedllm.runtime.data.FileData;
import fedllm.runtime.data.FileSpec;
import fedllm.shell.Columns;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Prints what the model will see. The texts that it prints are for the silo's own operator. */
public final class Preview {

  private static final double[] SHARES = {0.1, 0.5, 0.9, 0.99};
  private static final int TICK = 10_000;

  private final List<View> views;
  private final DataPlugins plugins;
  private final Reader reader;
  private final PrintStream out;
  private final boolean terminal;

  /** Of some silos' data, which one reader reads. */
  public Preview(
      List<View> views, DataPlugins plugins, Reader reader, PrintStream out, boolean terminal) {
    this.views = List.copyOf(views);
    this.plugins = plugins;
    this.reader = reader;
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Reads everything once.
   *
   * @param examples how many to show of each silo
   * @param label the field whose values are counted in each part; empty for what the cut goes by
   * @return whether every silo has something to learn from
   */
  public boolean print(int examples, String label) {
    Map<String, Survey> surveys = new LinkedHashMap<>();
    Map<String, String> wrong = new LinkedHashMap<>();
    for (View view : views) {
      try {
        surveys.put(
            view.name(),
            Survey.of(
                new FileData(view.spec(), plugins.tools()),
                reader,
                examples,
                view.name(),
                progress(view.name())));
      } catch (SitsOut e) {
        wrong.put(view.name(), e.getMessage());
      }
    }
    fields();
    if (!surveys.isEmpty()) {
      table(surveys);
      cuts(label);
    }
    surveys.forEach((name, survey) -> examples(name, survey));
    Map<String, List<String>> reasons = new LinkedHashMap<>();
    wrong.forEach((name, why) -> reasons.computeIfAbsent(why, none -> new ArrayList<>()).add(name));
    reasons.forEach(
        (why, names) -> out.println(String.join(", ", names) + " would sit out: " + why));
    return wrong.isEmpty();
  }

  /** What there is to fill templates with, by the first row of each file. */
  private void fields() {
    Map<Path, FileSpec> files = new LinkedHashMap<>();
    views.forEach(
        view -> view.spec().files().forEach(file -> files.putIfAbsent(file.path(), file)));
    files.values().stream().map(this::fields).filter(Objects::nonNull).forEach(out::println);
    out.println();
  }

  /** Null for a file that cannot be read, of which the survey speaks. */
  private String fields(FileSpec file) {
    Choice<DataSource> source =
        plugins.tools().choose(DataSource.class, file.format(), file.options());
    try (Stream<Row> rows = source.plugin().read(source.options(), file.path())) {
      return rows.findFirst()
          .map(
              row ->
                  "%s: %s, template %s, %s"
                      .formatted(
                          file.path().getFileName(),
                          file.format(),
                          file.template().name(),
                          fields(row)))
          .orElse(null);
    } catch (SitsOut e) {
      return null;
    }
  }

  private static String fields(Row row) {
    String fields = String.join(", ", new TreeSet<>(row.fields().keySet()));
    return (row.turns().isEmpty() ? "" : "conversations; ")
        + (fields.isEmpty() ? "no fields" : "fields " + fields);
  }

  private void table(Map<String, Survey> surveys) {
    boolean cuts = reader.tokenizer() != null;
    List<String> titles = new ArrayList<>(List.of("DATA", "TO LEARN", "HELD OUT"));
    titles.add(reader.unit().toUpperCase(Locale.ROOT));
    titles.addAll(List.of("10 %", "50 %", "90 %", "99 %", "LONGEST"));
    if (cuts) {
      titles.addAll(List.of("CUT AT " + reader.sequence(), "ANSWER LOST"));
    }
    Columns table = Columns.of(titles.toArray(String[]::new));
    Lengths all = new Lengths();
    surveys.forEach(
        (name, survey) -> {
          Lengths lengths = survey.lengths();
          all.addAll(lengths);
          List<Object> cells = new ArrayList<>(List.of(name));
          cells.add(number(lengths.examples()));
          cells.add(number(survey.heldOut()));
          cells.add(number(lengths.total()));
          for (double share : SHARES) {
            cells.add(number(lengths.percentile(share)));
          }
          cells.add(number(lengths.max()));
          if (cuts) {
            cells.add(number(survey.cut()));
            cells.add(number(survey.lost()));
          }
          table.row(cells.toArray());
        });
    out.println(table);
    out.printf("%9s %9s%n%s%n", reader.unit(), "examples", all.bars());
  }

  private void cuts(String label) {
    Map<Cut.Key, FileSpec> cuts = new LinkedHashMap<>();
    for (View view : views) {
      for (FileSpec file : view.spec().files()) {
        if (file.part() != null) {
          cuts.putIfAbsent(Cut.Key.of(file), file);
        }
      }
    }
    cuts.forEach(
        (key, file) ->
            out.println(
                key + "\n" + Cut.of(file, plugins.tools(), label.isEmpty() ? key.by() : label)));
  }

  private void examples(String name, Survey survey) {
    for (Survey.Drawn drawn : survey.drawn()) {
      out.printf(
          "%s, example %,d: %s%n", name, drawn.number(), Rendering.size(reader, drawn.example()));
      Rendering.text(reader, drawn.example()).lines().forEach(line -> out.println("  | " + line));
      out.println();
    }
  }

  private LongConsumer progress(String name) {
    if (!terminal) {
      return number -> {};
    }
    return number -> {
      if (number % TICK == 0) {
        System.err.printf("\r%s: %,d examples read\r", name, number);
      }
    };
  }

  private static String number(long value) {
    return "%,d".formatted(value);
  }
}
