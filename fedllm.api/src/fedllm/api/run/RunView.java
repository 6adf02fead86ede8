package fedllm.api.run;

import java.util.List;

/**
 * A run as it is now.
 *
 * @param id unique in the federation
 * @param job the job's source
 * @param state what it does
 * @param says why it waits, paused or ended; empty while all goes well
 * @param base the base model's fingerprint, SHA-256 over configuration and weights; empty until
 *     known
 * @param roundsPlanned how many rounds it will have; 0 where nobody knows
 * @param plugins what it uses now, with versions
 * @param rounds the closed ones, oldest first
 * @param open the round that is open now, or null
 * @param result the outcome, or null while there is none
 */
public record RunView(
    String id,
    String job,
    RunState state,
    String says,
    String base,
    int roundsPlanned,
    List<UsedPlugin> plugins,
    List<RoundView> rounds,
    OpenRound open,
    ResultView result) {}
