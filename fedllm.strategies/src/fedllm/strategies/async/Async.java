package fedllm.strategies.async;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.RoundProtocol;
import fedllm.strategies.buffer.Buffer;
import org.osgi.service.component.annotations.Component;

/**
 * Every update makes a state as it comes, which goes back to its client alone; nobody waits for
 * anybody. Updates that came while no round could open, as in a pause, make one state together.
 * Strategy {@code fedasync} mixes them in by their age.
 */
@Component
@Plugin(
    name = "async",
    does = "a new state from every update, late ones included",
    paper = "arXiv:1903.03934",
    options = Async.Config.class)
public final class Async implements RoundProtocol {

  /** Options. */
  public @interface Config {
    /** How many states the run makes, which is how many updates count. */
    @Required
    @Range(min = 1)
    int rounds() default 1;

    /**
     * How many updates of others may count while a client learns; it is given up then, and asked
     * anew. Who is slower than that never counts.
     */
    @Range(min = 1)
    int maxStaleness() default 100;
  }

  @Override
  public Course open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Buffer(config.rounds(), 1, config.maxStaleness());
  }

  @Override
  public int rounds(Options options) {
    return options.as(Config.class).rounds();
  }
}
