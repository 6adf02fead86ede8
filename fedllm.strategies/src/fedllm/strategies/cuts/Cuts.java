package fedllm.strategies.cuts;

import fedllm.api.error.Ends;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;

/**
 * What crosses the cuts of a split model: streams and their gradients are stacked by client, and
 * what clients have of the adapter is averaged, each weighed by its examples.
 *
 * <pre>
 * fedllm.cut.lower   row.CLIENT [1] for each, lengths [n, batch], stream [n, batch, length, width]
 * fedllm.cut.upper   row.CLIENT [1] for each, stream [n, batch, length, width]
 * fedllm.cut.ends    row.CLIENT [1] for each
 * </pre>
 *
 * <p>A client's row bears its name, so that the door lets nobody write another one's. Numbered
 * layers of the adapter are the trunk's, all else is the clients'.
 */
@Component
@Plugin(
    name = "cuts",
    does = "stacks the streams of a split model by client, and averages its ends",
    paper = "doi:10.1145/3510033",
    with = {"optimizer/replace", "planner/fedbert"},
    is = Trait.ABSOLUTE)
public final class Cuts implements AggregationStrategy {

  static final String LOWER = "fedllm.cut.lower";
  static final String UPPER = "fedllm.cut.upper";
  static final String ENDS = "fedllm.cut.ends";
  private static final String ROW = "row.";
  private static final Pattern LAYER = Pattern.compile(".*\\.\\d+(\\..*)?");

  @Override
  public Units units() {
    return Units.MODULES;
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    String client = String.valueOf(settings.get("client"));
    return switch (String.valueOf(settings.get("phase"))) {
      case "below" -> mine(global, LOWER, client);
      case "head" -> mine(global, UPPER, client);
      case "back" -> mine(global, ENDS, client);
      case "trunk" -> moved(global, LOWER, UPPER);
      case "layers" -> moved(global, UPPER, LOWER);
      case "share" -> {
        boolean trunk = Boolean.TRUE.equals(settings.get("trunk"));
        yield global.only(
            module -> !module.startsWith("fedllm.") && LAYER.matcher(module).matches() == trunk);
      }
      default ->
          throw new Ends(
              "cuts: an order of the phase %s; take the planner fedbert"
                  .formatted(settings.get("phase")));
    };
  }

  /** One client's row of a module. */
  private static Schema mine(Schema global, String module, String client) {
    List<Tensor> row = new ArrayList<>();
    row.add(new Tensor(module, ROW + client, List.of(1L)));
    for (Tensor tensor : module(global, module)) {
      if (!isRow(tensor)) {
        row.add(stacked(tensor, 1));
      }
    }
    return new Schema(row);
  }

  /** The rows of one module, as those of another. */
  private static Schema moved(Schema global, String from, String to) {
    List<Tensor> rows =
        module(global, from).stream()
            .filter(Cuts::isRow)
            .map(row -> new Tensor(to, row.parameter(), row.shape()))
            .toList();
    List<Tensor> moved = new ArrayList<>(rows);
    for (Tensor tensor : module(global, to)) {
      if (!isRow(tensor)) {
        moved.add(stacked(tensor, rows.size()));
      }
    }
    return new Schema(moved);
  }

  private static List<Tensor> module(Schema global, String module) {
    List<Tensor> tensors = global.only(module::equals).tensors();
    if (tensors.isEmpty()) {
      throw new Ends(
          "cuts: the state has no module " + module + "; take the trainer fedbert, which makes it");
    }
    return tensors;
  }

  private static boolean isRow(Tensor tensor) {
    return tensor.parameter().startsWith(ROW);
  }

  private static Tensor stacked(Tensor tensor, long rows) {
    List<Long> shape = new ArrayList<>(tensor.shape());
    shape.set(0, rows);
    return new Tensor(tensor.module(), tensor.parameter(), shape);
  }

  @Override
  public Schema combined(Options options, Round round) {
    List<Tensor> combined = new ArrayList<>();
    for (Unit module : round.schema().modules()) {
      List<List<Tensor>> sent =
          round.updates().stream()
              .map(update -> update.only(module.module()::equals).tensors())
              .filter(tensors -> !tensors.isEmpty())
              .toList();
      if (!sent.isEmpty()) {
        combined.addAll(isRow(sent.get(0).get(0)) ? stack(sent) : sent.get(0));
      }
    }
    return new Schema(combined);
  }

  private static List<Tensor> stack(List<List<Tensor>> sent) {
    List<Tensor> stack = new ArrayList<>();
    sent.forEach(tensors -> tensors.stream().filter(Cuts::isRow).forEach(stack::add));
    int rows = stack.size();
    sent.get(0).stream()
        .filter(tensor -> !isRow(tensor))
        .forEach(tensor -> stack.add(stacked(tensor, rows)));
    return stack;
  }

  @Override
  public Aggregation open(Options options, Round round) {
    return (unit, parts, out) -> {
      if (isRow(unit.tensor())) {
        stack(unit, parts, out);
      } else {
        average(parts, out);
      }
    };
  }

  /** Each member's rows behind those of the members before it, tensor by tensor. */
  private static void stack(Unit unit, Iterable<Part> parts, Block out) {
    int rows = rows(unit.tensors());
    int before = 0;
    for (Part part : parts) {
      int own = rows(part.tensors());
      float[] values = part.values();
      copy(values, 0, out, before, own);
      int from = own;
      int to = rows;
      for (Tensor tensor : unit.tensors().subList(rows, unit.tensors().size())) {
        int size = Math.toIntExact(tensor.size() / rows);
        copy(values, from, out, to + before * size, own * size);
        from += own * size;
        to += rows * size;
      }
      before += own;
    }
  }

  private static int rows(List<Tensor> tensors) {
    return (int) tensors.stream().filter(Cuts::isRow).count();
  }

  private static void copy(float[] values, int from, Block out, int to, int count) {
    for (int i = 0; i < count; i++) {
      out.set(to + i, values[from + i]);
    }
  }

  private static void average(Iterable<Part> parts, Block out) {
    List<Part> having = new ArrayList<>();
    for (Part part : parts) {
      if (!part.tensors().isEmpty()) {
        having.add(part);
      }
    }
    double examples = having.stream().mapToLong(part -> part.member().examples()).sum();
    for (Part part : having) {
      out.add(part.member().examples() / examples, part.values());
    }
  }
}
