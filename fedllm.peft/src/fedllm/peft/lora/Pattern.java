package fedllm.peft.lora;

import fedllm.learning.model.Linear;

/**
 * Names of layers in a job: a whole name or its last parts, {@code *} for any run of characters.
 */
final class Pattern {

  private Pattern() {}

  static boolean fits(String target, Linear at) {
    String name = at.name();
    for (int from = 0; from >= 0; from = next(name, from)) {
      if (glob(target, 0, name, from)) {
        return true;
      }
    }
    return false;
  }

  /** Where the next part of a dotted name starts, or -1. */
  private static int next(String name, int from) {
    int dot = name.indexOf('.', from);
    return dot < 0 ? -1 : dot + 1;
  }

  private static boolean glob(String target, int t, String name, int n) {
    if (t == target.length()) {
      return n == name.length();
    }
    if (target.charAt(t) == '*') {
      return glob(target, t + 1, name, n) || (n < name.length() && glob(target, t, name, n + 1));
    }
    return n < name.length()
        && target.charAt(t) == name.charAt(n)
        && glob(target, t + 1, name, n + 1);
  }
}
