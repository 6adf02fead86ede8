package fedllm.api.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a text option that names another plugin, written in a job with options of its own: {@code
 * of: { name: topk, share: 0.1 }}; an option that is a list of texts names a list of them. Open it
 * with {@link Options#choice} or {@link Options#choices}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Wraps {

  /** The contract that the named plugin fulfils. */
  Class<?> value();
}
