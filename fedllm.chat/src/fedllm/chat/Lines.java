package fedllm.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;

/** A talk with a program: each line is a turn, and only answers are printed. */
final class Lines {

  private final Speaker speaker;
  private final PrintStream out;

  Lines(Speaker speaker, PrintStream out) {
    this.speaker = speaker;
    this.out = out;
  }

  void run(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.strip().equals("/quit")) {
        return;
      }
      if (line.strip().equals("/reset")) {
        speaker.reset();
      } else if (!line.isBlank()) {
        say(line);
      }
    }
  }

  /** One turn. */
  void say(String text) {
    Shown shown = new Shown(out, speaker.goesOn());
    speaker.say(
        text,
        (prompt, piece) -> {
          shown.add(piece);
          return !out.checkError();
        });
    out.println();
    out.flush();
  }
}
