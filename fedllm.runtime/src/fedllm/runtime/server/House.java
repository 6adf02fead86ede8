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
 * @param memoryBytes of a round's coded updates that are kept between its two passes, in a mapped
 *     file
 */
record House(
    Path state,
    Topics topics,
    Transport transport,
    Post post,
    Broadcasts broadcasts,
    Housekeeper housekeeper,
    Plugins plugins,
    Silos silos,
    Quarantine quarantine,
    Audit audit,
    long memoryBytes) {}
