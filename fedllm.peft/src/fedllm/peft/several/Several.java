package fedllm.peft.several;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Wraps;
import fedllm.learning.model.Architecture;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Together;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;

/**
 * Trains several adapters on one base at once. Where two stand at one site, the later takes what
 * the earlier left there.
 */
@Component
@Plugin(
    name = "several",
    does = "trains several adapters on one base at once",
    options = Several.Config.class)
public final class Several implements PeftMethod {

  /** What a job may say. */
  public @interface Config {

    /** The methods, each with its options. */
    @Required
    @Wraps(PeftMethod.class)
    String[] of() default {};

    /** What each adapter's tensors are told apart by; empty for the methods' names, numbered. */
    String[] names() default {};
  }

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

  @Override
  public Adapter open(Options options, Architecture model) {
    List<Choice<PeftMethod>> methods = options.choices("of", PeftMethod.class);
    String[] names = options.as(Config.class).names();
    if (methods.isEmpty() || (names.length > 0 && names.length != methods.size())) {
      throw new SitsOut(
          "peft: several has "
              + methods.size()
              + " methods and "
              + names.length
              + " names; give one method or more, and each a name or none");
    }
    Map<String, Adapter> adapters = new LinkedHashMap<>();
    for (int i = 0; i < methods.size(); i++) {
      PeftMethod method = methods.get(i).plugin();
      String name = names.length > 0 ? names[i] : unused(method, adapters);
      if (!NAME.matcher(name).matches() || adapters.containsKey(name)) {
        throw new SitsOut(
            "peft.names: "
                + name
                + " should be letters, digits, _ and -, and no other adapter's name");
      }
      adapters.put(name, method.open(methods.get(i).options(), model));
    }
    return Together.of(model, adapters);
  }

  private static String unused(PeftMethod method, Map<String, Adapter> adapters) {
    String name = method.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    int number = 2;
    for (String next = name; ; next = name + number++) {
      if (!adapters.containsKey(next)) {
        return next;
      }
    }
  }
}
