package fedllm.api.plugin;

import java.lang.annotation.Annotation;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * What a job, a table of methods and a reader need to know of a plugin; it becomes service
 * properties, so that listing plugins instantiates none.
 *
 * <p>The plugin's kind is the last part of its contract's package: {@code fedllm.api.codec} makes
 * it a {@code codec}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Plugin {

  /** What the names of the service properties start with. */
  String PREFIX_ = "plugin.";

  /** The name in a job: the class name in lower case. */
  String name();

  /** One line for tables: what it does. */
  String does();

  /** Where it was published, such as {@code arXiv:1602.05629}; empty for common ground. */
  String paper() default "";

  /**
   * The annotations that declare the options, with defaults and ranges: its own, and those of what
   * it is made of. No two may declare the same one.
   */
  Class<? extends Annotation>[] options() default {};

  /**
   * What a job has to name beside it: {@code optimizer/replace}, one of several as {@code
   * trainer/adamw|sgd}; or what all that it names of a kind have to be: {@code strategy:SUMS}. A
   * job that does not is refused.
   */
  String[] with() default {};

  /** What callers may rely on, such as {@link Trait#UNBIASED}. */
  Trait[] is() default {};
}
