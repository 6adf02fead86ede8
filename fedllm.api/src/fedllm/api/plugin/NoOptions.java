package fedllm.api.plugin;

/** The options of a plugin that has none. */
public @interface NoOptions {}
