package fedllm.chat;

import fedllm.api.error.Refused;
import fedllm.cli.Standalone;
import fedllm.cli.chat.ChatOptions;
import fedllm.cli.methods.PluginJars;
import fedllm.cli.node.Workspace;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Compute;
import fedllm.learning.base.Precision;
import fedllm.learning.generate.Sampling;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Storage;
import fedllm.learning.text.ChatTemplate;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program behind {@code fedllm chat}, whose arguments it takes. */
@Command(name = "chat")
public final class Main implements Callable<Integer> {

  /** Texts are in any language, whatever the terminal's is. */
  private static final PrintStream OUT =
      new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

  @Mixin private ChatOptions options;

  /** Runs the program. */
  public static void main(String[] args) {
    Standalone.run(new Main(), args);
  }

  @Override
  public Integer call() throws IOException {
    Compute compute = Compute.of(this::asked);
    try (PluginJars plugins = new PluginJars(Workspace.here().plugins());
        Companion companion =
            Companion.open(
                new Bases(plugins.make(ModelFamily.class), compute),
                precision(compute, plugins),
                new Adapters(plugins.make(PeftMethod.class)),
                options.model(),
                options.adapter())) {
      if (options.prompt() != null) {
        new Lines(speaker(companion, Main::tell), OUT).say(options.prompt());
      } else if (Boolean.getBoolean("fedllm.terminal")) {
        atTerminal(companion, compute);
      } else {
        new Lines(speaker(companion, Main::tell), OUT)
            .run(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
      }
    }
    return 0;
  }

  private String asked(String property) {
    String said = property.equals(Compute.DEVICE) ? options.device() : options.compute();
    return said == null ? System.getProperty(property) : said;
  }

  private Precision precision(Compute compute, PluginJars plugins) throws IOException {
    return options.storage() == null
        ? compute.precision()
        : new Precision(compute.route(), plugins.named(Storage.class, options.storage()));
  }

  private void atTerminal(Companion companion, Compute compute) throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().encoding(StandardCharsets.UTF_8).build()) {
      Consumer<String> note = text -> terminal.writer().println("(" + text + ")");
      Session session = new Session(speaker(companion, note), terminal);
      session.note(compute.route().title() + " on " + compute.device() + ": " + compute.why());
      session.note("/reset begins anew, /quit ends, ^C stops an answer");
      session.run();
    }
  }

  private static void tell(String note) {
    System.err.println("fedllm: " + note);
  }

  private Speaker speaker(Companion companion, Consumer<String> note) {
    Sampling sampling = Habits.of(companion.base().folder(), options);
    if (options.complete()) {
      return new Completion(companion, sampling, options.maxTokens());
    }
    return new Talk(
        companion,
        template(companion),
        sampling,
        options.maxTokens(),
        options.system(),
        Clock.system(ZoneId.systemDefault()),
        forgotten ->
            note.accept("the oldest " + forgotten + " turns no longer fit, and are left out"));
  }

  private ChatTemplate template(Companion companion) {
    if (options.template() != null) {
      return ChatTemplate.named(options.template(), companion.base().folder());
    }
    return companion
        .base()
        .tokenizer()
        .chat()
        .orElseThrow(
            () ->
                new Refused(
                    options.model()
                        + ": the model comes without a chat template; say how a talk is laid out:"
                        + " --template chatml, plain, question or a file of Jinja; or --complete,"
                        + " to go on with texts"));
  }
}
