package fedllm.codecs.errorfeedback;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import org.osgi.service.component.annotations.Component;

/**
 * Remembers what a lossy codec dropped, and adds it to what is sent next: {@code p = g + e; send
 * C(p); e = p - C(p)}. The sum of all that is decoded is then the sum of all updates, less one
 * memory.
 *
 * <p>Wire form: that of the codec {@code C}.
 */
@Component
@Plugin(
    name = "errorfeedback",
    does = "sends later what a lossy codec dropped",
    paper = "arXiv:1901.09847",
    options = ErrorFeedback.Config.class,
    is = Trait.STATEFUL)
public final class ErrorFeedback implements Codec {

  /** Options. */
  public @interface Config {
    /** The codec that drops. */
    @Required
    @Wraps(Codec.class)
    String of() default "";
  }

  @Override
  public Encoder encoder(Options options, Scope scope) {
    Choice<Codec> of = options.choice("of", Codec.class);
    return new Remembering(
        of.plugin().encoder(of.options(), scope), of.plugin().decoder(of.options()));
  }

  @Override
  public Decoder decoder(Options options) {
    Choice<Codec> of = options.choice("of", Codec.class);
    return of.plugin().decoder(of.options());
  }
}
