package fedllm.data.talk;

import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import java.util.Map;
import java.util.Set;

/** How files write turns: {@code from} and {@code value}, or {@code role} and {@code content}. */
public final class Turns {

  /** The fields that hold a list of turns. */
  public static final Set<String> LISTS = Set.of("conversations", "conversation", "messages");

  private static final Map<String, Role> ROLES =
      Map.ofEntries(
          Map.entry("system", Role.SYSTEM),
          Map.entry("developer", Role.SYSTEM),
          Map.entry("human", Role.USER),
          Map.entry("user", Role.USER),
          Map.entry("gpt", Role.ASSISTANT),
          Map.entry("chatgpt", Role.ASSISTANT),
          Map.entry("assistant", Role.ASSISTANT),
          Map.entry("model", Role.ASSISTANT),
          Map.entry("function_call", Role.ASSISTANT),
          Map.entry("tool", Role.TOOL),
          Map.entry("function", Role.TOOL),
          Map.entry("observation", Role.TOOL));

  private Turns() {}

  /** Why an object is no turn, in words that repeat nothing of it; null where it is one. */
  public static String wrong(Map<String, String> said) {
    if (who(said) == null || what(said) == null) {
      return "has no text from and value, and no text role and content";
    }
    return ROLES.containsKey(who(said))
        ? null
        : "is from nobody that is known: system, human or user, gpt or assistant, tool";
  }

  /** The turn of an object that is one. */
  public static Turn of(Map<String, String> said) {
    return new Turn(ROLES.get(who(said)), what(said));
  }

  private static String who(Map<String, String> said) {
    return said.containsKey("from") ? said.get("from") : said.get("role");
  }

  private static String what(Map<String, String> said) {
    return said.containsKey("value") ? said.get("value") : said.get("content");
  }
}
