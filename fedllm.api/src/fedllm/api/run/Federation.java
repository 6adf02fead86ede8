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

  /**
   * The same console for somebody, whom the audit trail names.
   *
   * @param who as the operating system knows them
   */
  Federation as(String who);

  /**
   * Sends a plugin's bundle to all nodes, each of which decides for itself whether to run it.
   *
   * @param jar its bytes
   * @param signature the line of the file beside it, or empty
   * @throws fedllm.api.error.Refused when it is no bundle, too large, or wrongly signed, or this
   *     server's own list does not let it in
   */
  PublishedView publish(byte[] jar, String signature);

  /**
   * Takes a published bundle back from all nodes.
   *
   * @throws fedllm.api.error.Refused when none of this name and version was published
   */
  PublishedView withdraw(String name, String version);

  /** What was published and withdrawn, and who has it, by name and version. */
  List<PublishedView> published();

  /** Who did what, oldest first; the last ten thousand deeds. */
  List<DeedView> audit();

  /** What did not count, oldest first; the last thousand. */
  List<QuarantineView> quarantine();
}
