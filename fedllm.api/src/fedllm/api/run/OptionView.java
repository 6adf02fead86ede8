package fedllm.api.run;

/**
 * An option of a plugin in a table.
 *
 * @param name as in a job
 * @param type {@code number}, {@code text}, ...
 * @param preset what it is when a job does not say; empty where it must
 * @param range what it accepts, in words, or empty
 */
public record OptionView(String name, String type, String preset, String range) {}
