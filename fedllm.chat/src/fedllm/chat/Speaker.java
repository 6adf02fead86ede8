package fedllm.chat;

import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Listener;

/** What answers a text. Used by one thread. */
interface Speaker {

  /** Answers, and remembers both if it remembers anything. */
  Answer say(String text, Listener listener);

  /** Forgets what was said. */
  void reset();

  /** Whether an answer goes on with the text itself, so that a blank before it counts. */
  boolean goesOn();
}
