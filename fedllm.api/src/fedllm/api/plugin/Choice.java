package fedllm.api.plugin;

/** A plugin that a job chose, and the options it gave. */
public record Choice<K>(K plugin, Options options) {}
