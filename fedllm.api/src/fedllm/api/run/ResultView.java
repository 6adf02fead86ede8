package fedllm.api.run;

/**
 * Where a run's outcome lies.
 *
 * @param adapter the folder on the server's machine, in PEFT layout
 * @param sha256 of the adapter's tensor file
 */
public record ResultView(String adapter, String sha256) {}
