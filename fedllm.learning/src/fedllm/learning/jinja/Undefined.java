package fedllm.learning.jinja;

/**
 * What a name stands for that nobody gave: prints nothing, is false, has no parts.
 *
 * @param name what was asked for
 */
record Undefined(String name) {

  /** An argument that is not given. */
  static final Undefined NOTHING = new Undefined("a value");

  /** A part that is not there, whose name may be in what the template was given. */
  static final Undefined ELEMENT = new Undefined("an element");

  @Override
  public String toString() {
    return "";
  }
}
