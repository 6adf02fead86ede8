package fedllm.strategies.synchronous;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.RoundProtocol;
import org.osgi.service.component.annotations.Component;

/**
 * Rounds one after the other: one opens when the one before is closed, and closes as soon as its
 * quorum of updates has arrived. Measuring delays no round.
 */
@Component
@Plugin(
    name = "synchronous",
    does = "rounds one after the other, each closed by a quorum of updates",
    options = Synchronous.Config.class)
public final class Synchronous implements RoundProtocol {

  /** Options. */
  public @interface Config {
    /** How many rounds. */
    @Required
    @Range(min = 1)
    int rounds() default 1;

    /**
     * How many updates close a round: {@code all} who were asked and do not sit out, so that a
     * client that is lost is waited for; all that are {@code present}; a number such as {@code 3},
     * or a share of the clients asked to train such as {@code 80%}. Once a number or share is
     * there, the others have until a deadline that their own arrivals taught, and twice the time at
     * most.
     */
    String quorum() default "all";
  }

  @Override
  public Course open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new RoundByRound(config.rounds(), Quorum.parse(config.quorum()));
  }

  @Override
  public int rounds(Options options) {
    Config config = options.as(Config.class);
    Quorum.parse(config.quorum()); // A job is refused here, not when its first round opens.
    return config.rounds();
  }
}
