package fedllm.peft.lora;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.random.Philox;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.AdapterConfig;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Targets;
import fedllm.learning.peft.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.osgi.service.component.annotations.Component;

/**
 * Adds a product of two thin matrices to linear layers: {@code y + alpha / rank * B A x}. A starts
 * uniform in ±1/√in, B at zero, so that the model starts as it was. At an embedding A has a column
 * for each token, and B starts normal, A at zero.
 */
@Component
@Plugin(
    name = "lora",
    does = "trains a product of two thin matrices beside linear layers",
    paper = "arXiv:2106.09685",
    options = Lora.Config.class)
public final class Lora implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** How thin: the matrices' inner size. */
    @Range(min = 1)
    int rank() default 8;

    /** The product counts alpha / rank times. */
    @Range(above = 0)
    double alpha() default 16;

    /**
     * What alpha is divided by: the {@code rank}, or its {@code root} (arXiv:2312.03732), which
     * keeps large ranks learning.
     */
    @OneOf({"rank", "root"})
    String scaling() default "rank";

    /**
     * Names of linear layers, or their last parts, such as {@code q_proj}; {@code *} fits anything.
     * Embedding and head are meant by name alone. Empty for what asks and gives in attention.
     */
    String[] targets() default {};

    /** Modules that are trained whole beside them, such as the {@code score} of a classifier. */
    String[] modulesToSave() default {};
  }

  /** Where PEFT puts LoRA, by what families call it. */
  private static final List<List<String>> USUAL =
      List.of(
          List.of("q_proj", "v_proj"),
          List.of("query", "value"),
          List.of("q_lin", "v_lin"),
          List.of("c_attn"),
          List.of("qkv_proj"),
          List.of("query_key_value"));

  /** What is about training, or about tools that are not here. */
  private static final Set<String> READ =
      Set.of(
          "r",
          "lora_alpha",
          "lora_dropout",
          "target_modules",
          "modules_to_save",
          "bias",
          "use_rslora",
          "rank_pattern",
          "alpha_pattern",
          "init_lora_weights",
          "megatron_core",
          "qalora_group_size");

  /** Ways to start that change no weight of the base. */
  private static final Set<String> KEEPS_BASE =
      Set.of("true", "false", "gaussian", "orthogonal", "eva");

  /** The numbers of a layer. */
  private record Shape(int rank, double alpha, boolean root) {
    double scale() {
      return alpha / (root ? Math.sqrt(rank) : rank);
    }
  }

  /**
   * An adapter's numbers.
   *
   * @param own those of layers that differ
   */
  private record Shapes(Shape most, Map<Site, Shape> own) {
    Shape at(Site site) {
      return own.getOrDefault(site, most);
    }

    /** A number of the layers that differ, by name, as PEFT's patterns have it. */
    Map<String, Object> pattern(Function<Shape, Object> number) {
      Map<String, Object> pattern = new LinkedHashMap<>();
      own.forEach(
          (site, shape) -> {
            if (!number.apply(shape).equals(number.apply(most))) {
              pattern.put(site.name(), number.apply(shape));
            }
          });
      return pattern;
    }
  }

  @Override
  public Adapter open(Options options, Architecture model) {
    Config config = options.as(Config.class);
    List<Site> among = Targets.linears(model, List.of(config.targets()));
    List<Site> sites = Targets.choose("peft.targets", config.targets(), USUAL, among);
    List<Site> saved = Targets.whole("peft.modulesToSave", List.of(config.modulesToSave()), model);
    Shape shape = new Shape(config.rank(), config.alpha(), config.scaling().equals("root"));
    return adapter(new Shapes(shape, Map.of()), sites, saved, model);
  }

  @Override
  public Optional<Adapter> read(AdapterConfig config, Architecture model) {
    if (!config.type().equals("LORA")) {
      return Optional.empty();
    }
    config.only(READ);
    if (!config.text("bias", "none").equals("none")) {
      throw config.odd("bias", "none");
    }
    if (!KEEPS_BASE.contains(config.text("init_lora_weights", "true").toLowerCase(Locale.ROOT))) {
      throw config.odd("init_lora_weights", "one that leaves the base's weights as they are");
    }
    Shape most =
        new Shape(
            config.size("r"), config.number("lora_alpha", 8), config.flag("use_rslora", false));
    List<Site> among = Targets.linears(model, config.texts("target_modules"));
    List<Site> sites = config.sites("target_modules", among);
    Map<Site, Shape> own = new LinkedHashMap<>();
    for (Site at : sites) {
      double rank = config.patterned("rank_pattern", at, most.rank());
      if (rank != (int) rank) {
        throw config.odd("rank_pattern", "an object with a whole number for each name");
      }
      double alpha = config.patterned("alpha_pattern", at, most.alpha());
      Shape shape = new Shape((int) rank, alpha, most.root());
      if (!shape.equals(most)) {
        own.put(at, shape);
      }
    }
    return Optional.of(adapter(new Shapes(most, own), sites, saved(config, model), model));
  }

  /** PEFT writes names of several families' heads; those that this model has count. */
  private static List<Site> saved(AdapterConfig config, Architecture model) {
    List<String> names = config.texts("modules_to_save");
    List<String> known =
        names.stream()
            .filter(name -> Targets.modules(model).stream().anyMatch(at -> Targets.means(name, at)))
            .toList();
    if (known.isEmpty() && !names.isEmpty()) {
      throw config.odd("modules_to_save", "some of this model's modules");
    }
    return Targets.whole("modules_to_save", known, model);
  }

  private static Adapter adapter(
      Shapes shapes, List<Site> fitting, List<Site> saved, Architecture model) {
    List<Site> sites = fitting.stream().filter(at -> !saved.contains(at)).toList();
    if (sites.isEmpty()) {
      throw new SitsOut(
          "peft.targets names only what peft.modulesToSave trains whole; name other layers, or"
              + " choose peft full");
    }
    List<Graft> grafts = new ArrayList<>();
    for (Site at : sites) {
      Shape shape = shapes.at(at);
      grafts.add(at.kind() == Site.Kind.EMBEDDING ? embedded(shape, at) : beside(shape, at));
    }
    saved.forEach(at -> grafts.add(Whole.of(at, model)));
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("r", shapes.most().rank());
    keys.put("lora_alpha", shapes.most().alpha());
    keys.put("lora_dropout", 0.0);
    keys.put("use_rslora", shapes.most().root());
    if (!shapes.own().isEmpty()) {
      keys.put("rank_pattern", shapes.pattern(Shape::rank));
      keys.put("alpha_pattern", shapes.pattern(Shape::alpha));
    }
    keys.put("target_modules", AdapterConfig.targets(sites, Targets.modules(model)));
    keys.put(
        "modules_to_save",
        saved.isEmpty() ? null : AdapterConfig.targets(saved, Targets.modules(model)));
    keys.put("bias", "none");
    keys.put("fan_in_fan_out", AdapterConfig.transposed(sites, model));
    keys.put("init_lora_weights", true);
    keys.put("layers_to_transform", null);
    keys.put("layers_pattern", null);
    return new Adapter(grafts, Map.of(AdapterConfig.NAME, AdapterConfig.text("LORA", model, keys)));
  }

  private static Graft beside(Shape shape, Site at) {
    double scale = shape.scale();
    Parameter a =
        new Parameter(
            "A",
            "lora_A.weight",
            List.of((long) shape.rank(), (long) at.in()),
            (random, values) -> uniform(random, 1 / Math.sqrt(at.in()), values),
            0);
    Parameter b =
        new Parameter(
            "B",
            "lora_B.weight",
            List.of((long) at.out(), (long) shape.rank()),
            Parameter.Fill.ZERO,
            1);
    return new Graft(
        at,
        List.of(a, b),
        "y + " + scale + " * linear(linear(x, A), B)",
        Map.of("weight", "W + " + scale + " * torch.matmul(B, A)"));
  }

  private static Graft embedded(Shape shape, Site at) {
    double scale = shape.scale();
    Parameter a =
        new Parameter(
            "A",
            "lora_embedding_A",
            List.of((long) shape.rank(), (long) at.in()),
            Parameter.Fill.ZERO,
            0);
    Parameter b =
        new Parameter(
            "B",
            "lora_embedding_B",
            List.of((long) at.out(), (long) shape.rank()),
            (random, values) -> random.addNormals(0, 1, values, values.length),
            1);
    String looked = "linear(torch.embedding(torch.t(A), torch.clamp_min(x, 0)), B)";
    return new Graft(
        at,
        List.of(a, b),
        "y + " + scale + " * torch.unsqueeze(torch.ge(x, 0), -1) * " + looked,
        Map.of("weight", "W + " + scale + " * torch.t(torch.matmul(B, A))"));
  }

  /** Kaiming's uniform numbers for a = √5, which PEFT draws. */
  private static void uniform(Philox random, double bound, float[] values) {
    random.uniforms(0, values, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2.0 * values[i] - 1) * bound);
    }
  }
}
