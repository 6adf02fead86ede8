package fedllm.shell;

import java.util.Locale;

/** The commands, and what each accepts; an argument in brackets may be left out. */
enum Command {
  RUNS("", "lists all runs, oldest first"),
  RUN("ID", "shows one run: how it stands, its plugins, its rounds"),
  SUBMIT("FILE", "takes a job and says the run's id"),
  SILOS("", "lists the silos that have joined"),
  ROUNDS("ID", "lists the closed rounds of a run"),
  METHODS("[KIND]", "lists the plugins of the server and the silos; of one kind, also options"),
  PLUGINS("", "lists what lies in this node's plugins folder, and why something is refused"),
  PAUSE("ID", "pauses a run at the next round's boundary"),
  RESUME("ID", "lets a paused run go on"),
  CANCEL("ID", "ends a run now"),
  WATCH("ID", "follows a run until it ends"),
  PUBLISH(
      "[JAR]", "sends a plugin's bundle to all nodes; without one, shows who has what was sent"),
  WITHDRAW("NAME VERSION", "takes a published bundle back from all nodes"),
  AUDIT("[ID]", "lists who did what; of one run, if it is named"),
  QUARANTINE("[ID]", "lists what silos sent and did not count; of one run, if it is named");

  private final String argument;
  private final String does;

  Command(String argument, String does) {
    this.argument = argument;
    this.does = does;
  }

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean accepts(int arguments) {
    int named = argument.isEmpty() ? 0 : argument.split(" ").length;
    return arguments == named || arguments == 0 && argument.startsWith("[");
  }

  String usage() {
    return title() + (argument.isEmpty() ? "" : " " + argument) + " [--json]";
  }

  String help() {
    String id =
        argument.contains("ID") ? "ID is a run's id, the first characters of one, or last\n" : "";
    return usage() + "\n" + title() + " " + does + "\n" + id + "--json answers for programs\n";
  }
}
