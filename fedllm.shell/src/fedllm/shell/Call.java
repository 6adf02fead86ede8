package fedllm.shell;

import fedllm.api.error.Refused;
import java.util.ArrayList;
import java.util.List;

/**
 * One command as it was typed, checked against what it accepts.
 *
 * @param command what was called
 * @param values the arguments, as many as the command accepts
 * @param json whether the answer is for a program
 * @param help whether only help was asked for
 */
record Call(Command command, List<String> values, boolean json, boolean help) {

  static Call of(Command command, String... words) {
    List<String> values = new ArrayList<>();
    boolean json = false;
    boolean help = false;
    for (String word : words) {
      switch (word) {
        case "--json" -> json = true;
        case "-h", "--help" -> help = true;
        default -> {
          if (word.startsWith("-")) {
            throw new Refused(
                command.title() + " knows no option " + word + "; usage: " + command.usage());
          }
          values.add(word);
        }
      }
    }
    if (!help && !command.accepts(values.size())) {
      throw new Refused(
          command.title()
              + " was given "
              + values.size()
              + " arguments; usage: "
              + command.usage());
    }
    return new Call(command, List.copyOf(values), json, help);
  }

  String value() {
    return values.get(0);
  }
}
