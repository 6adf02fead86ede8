package fedllm.api.run;

import java.util.List;

/**
 * A plugin in a table.
 *
 * @param kind its kind
 * @param name its name
 * @param version of its bundle
 * @param does one line
 * @param paper where it was published, or empty
 * @param is what callers may rely on
 * @param options its options
 * @param where {@code server} and the silos that have it
 */
public record PluginView(
    String kind,
    String name,
    String version,
    String does,
    String paper,
    List<String> is,
    List<OptionView> options,
    List<String> where) {}
