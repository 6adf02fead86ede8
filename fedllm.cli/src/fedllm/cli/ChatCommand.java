package fedllm.cli;

import fedllm.cli.chat.ChatOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "chat",
    description = {
      "Talk with a model, and with what was fine-tuned.",
      "On a terminal line by line: /reset begins anew, /quit ends, ^C stops an answer. Otherwise"
          + " each line of the input is a turn, and only answers are printed."
    })
final class ChatCommand implements Callable<Integer> {

  @Mixin private ChatOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    if (Terminal.isThere() && options.prompt() == null) {
      // ^C is for the answer, which the other process writes; this one only waits for it.
      Signals.register("INT", () -> {});
    }
    List<String> all = spec.root().commandLine().getParseResult().originalArgs();
    List<String> own = all.subList(all.indexOf(spec.name()) + 1, all.size());
    return Program.run("fedllm.chat", "fedllm.chat.Main", own);
  }
}
