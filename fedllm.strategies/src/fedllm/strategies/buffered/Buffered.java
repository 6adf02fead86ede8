package fedllm.strategies.buffered;

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
 * No lockstep: a round closes with the first K updates, from whatever earlier state they were
 * learned, and its state goes to those who are free; the others go on, and count when they come.
 * The paper keeps the number of working clients and draws a new one for each that is done; here a
 * client that is done waits until its buffer is full, and trains on the state made of it. Strategy
 * {@code fedbuff} discounts what is late.
 */
@Component
@Plugin(
    name = "buffered",
    does = "a new state from the first updates of a number, late ones included",
    paper = "arXiv:2106.06639",
    options = Buffered.Config.class)
public final class Buffered implements RoundProtocol {

  /** Options. */
  public @interface Config {
    /** How many states the run makes. */
    @Required
    @Range(min = 1)
    int rounds() default 1;

    /**
     * How many updates a state is made of. Fewer do where nobody else is heard of who could send
     * one, so that it may be more than there are clients.
     */
    @Range(min = 1)
    int buffer() default 10;

    /** How many rounds late an update may count; its client is asked anew then. */
    @Range(min = 1)
    int maxStaleness() default 20;
  }

  @Override
  public Course open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Buffer(config.rounds(), config.buffer(), config.maxStaleness());
  }

  @Override
  public int rounds(Options options) {
    return options.as(Config.class).rounds();
  }
}
