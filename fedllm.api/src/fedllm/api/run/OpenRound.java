package fedllm.api.run;

import java.util.Map;

/**
 * The round that is open now.
 *
 * @param number its number
 * @param clients what each client that was asked does, in words: {@code step 12 of 20}, {@code
 *     arrived}, ...
 * @param secondsLeft until the run's end, by the rounds so far; negative while unknown
 */
public record OpenRound(int number, Map<String, String> clients, double secondsLeft) {}
