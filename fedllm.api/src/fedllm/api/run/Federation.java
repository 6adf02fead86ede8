package fedllm.api.run;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** A server's console: runs, silos and plugins. Safe for many threads; calls return at once. */
@ProviderType
public interface Federation {

  /** The federation's name. */
  String name();

  /**
   * Takes a job.
   *
   * @param yaml the job's text
   * @param source what to call it in messages, such as its file name
   * @return the run's id
   * @throws fedllm.api.error.Refused when anything in it is wrong; the message names source, line
   *     and what would be right
   */
  String submit(String yaml, String source);

  /** All runs, oldest first. */
  List<RunView> runs();

  /**
   * One run as it is now.
   *
   * @param id its id, the first characters of one, or {@code last}
   * @throws fedllm.api.error.Refused when there is none, or more than one
   */
  RunView run(String id);

  /** The silos that have joined, by name. */
  List<SiloView> silos();

  /** Every plugin that the server or a silo has, by kind, name and version. */
  List<PluginView> plugins();

  /** Pauses a run at the next round's boundary. */
  void pause(String id);

  /** Lets a paused run go on. */
  void resume(String id);

  /** Ends a run now. */
  void cancel(String id);
}
