package fedllm.learning.jinja;

/** A function, a method with its object, or a macro. */
@FunctionalInterface
interface Callable {

  Object call(Work work, Arguments arguments);
}
