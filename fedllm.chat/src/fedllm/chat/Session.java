package fedllm.chat;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Answer.Reason;
import java.io.PrintWriter;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;

/** A talk with a person at a terminal. */
final class Session {

  private final Speaker speaker;
  private final Terminal terminal;
  private final PrintWriter out;
  private volatile boolean interrupted;

  Session(Speaker speaker, Terminal terminal) {
    this.speaker = speaker;
    this.terminal = terminal;
    this.out = terminal.writer();
  }

  void run() {
    // What is said may hold an exclamation mark, and is in no history file.
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("fedllm")
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    while (true) {
      try {
        String line = reader.readLine("> ").strip();
        if (line.equals("/quit")) {
          return;
        }
        if (line.equals("/reset")) {
          speaker.reset();
          note("all is forgotten");
        } else if (line.startsWith("/")) {
          note("there are /reset and /quit");
        } else if (!line.isEmpty()) {
          answer(line);
        }
      } catch (UserInterruptException e) {
        note("/quit ends the talk");
      } catch (EndOfFileException e) {
        return;
      }
    }
  }

  private void answer(String text) {
    interrupted = false;
    Terminal.SignalHandler before = terminal.handle(Signal.INT, signal -> interrupted = true);
    Shown shown = new Shown(out, speaker.goesOn());
    try {
      Answer answer =
          speaker.say(
              text,
              (prompt, piece) -> {
                shown.add(piece);
                out.flush();
                return !interrupted;
              });
      out.println();
      if (answer.reason() == Reason.LENGTH) {
        note("cut after " + answer.ids().length + " tokens");
      } else if (answer.reason() == Reason.CANCELLED) {
        note("stopped");
      }
    } catch (SitsOut | Refused e) {
      out.println();
      note(e.getMessage());
    } finally {
      terminal.handle(Signal.INT, before);
    }
    out.println();
    out.flush();
  }

  /** What is not the model's. */
  void note(String text) {
    out.println("(" + text + ")");
    out.flush();
  }
}
