package fedllm.runtime.server;

import fedllm.api.transport.Transport;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.plugin.Plugins;
import java.nio.file.Path;

/**
 * What all runs of a server share.
 *
 * @param state the server's directory
 * @param keeping brings into the log what a server that takes over needs
 * @param memoryBytes of a round's coded updates that are kept between its two passes, in a mapped
 *     file
 */
record House(
    Path state,
    Topics topics,
    Transport transport,
    Post post,
    Broadcasts broadcasts,
    Keeping keeping,
    Places places,
    Retention retention,
    Plugins plugins,
    Silos silos,
    Quarantine quarantine,
    Audit audit,
    long memoryBytes) {

  /** Of a term that begins. */
  static House of(
      Path state,
      Topics topics,
      Transport transport,
      Post post,
      Housekeeper housekeeper,
      Plugins plugins,
      Quarantine quarantine,
      Audit audit,
      long memoryBytes) {
    Places places = new Places();
    return new House(
        state,
        topics,
        transport,
        post,
        new Broadcasts(post, topics, places),
        new Keeping(transport, post, topics.state(), places),
        places,
        new Retention(housekeeper, places),
        plugins,
        new Silos(),
        quarantine,
        audit,
        memoryBytes);
  }
}
