package fedllm.api.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The numbers that an option accepts; a job outside them is refused at its line. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Range {

  /** Smallest value, itself allowed. */
  double min() default Double.NEGATIVE_INFINITY;

  /** Lower bound, itself not allowed. */
  double above() default Double.NEGATIVE_INFINITY;

  /** Largest value, itself allowed. */
  double max() default Double.POSITIVE_INFINITY;
}
