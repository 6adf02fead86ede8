package fedllm.chat;

import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Answer.Reason;
import fedllm.learning.generate.Listener;
import java.util.ArrayList;
import java.util.List;

/** Says everything again, word by word. */
final class Parrot implements Speaker {

  final List<String> heard = new ArrayList<>();
  int resets;
  Runnable afterFirstWord = () -> {};

  @Override
  public Answer say(String text, Listener listener) {
    heard.add(text);
    StringBuilder said = new StringBuilder();
    for (String word : text.split(" ")) {
      said.append(' ').append(word);
      boolean goesOn = listener.onText(0, " " + word);
      afterFirstWord.run();
      if (!goesOn) {
        return new Answer(new int[1], said.toString(), Reason.CANCELLED);
      }
    }
    return new Answer(new int[1], said.toString(), Reason.END);
  }

  @Override
  public void reset() {
    resets++;
  }

  @Override
  public boolean goesOn() {
    return false;
  }
}
