package fedllm.runtime.data;

import fedllm.api.data.Example;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import java.util.List;

/**
 * Makes examples out of rows. It may have several forms, such as one with and one without input: a
 * row takes the first that suits it, or else the last. Immutable.
 */
public final class Template {

  private final String name;
  private final List<Form> forms;

  Template(String name, List<Form> forms) {
    this.name = name;
    this.forms = List.copyOf(forms);
    if (forms.isEmpty()) {
      throw new IllegalArgumentException("template " + name + " has no form");
    }
  }

  /** Its name in the job. */
  public String name() {
    return name;
  }

  /**
   * Makes an example: a text, a conversation, or two answers of which one was chosen.
   *
   * @param file the row's file, for messages
   * @throws SitsOut when the row lacks a field or leaves nothing to write
   */
  public Example fill(String file, Row row) {
    Form form = form(row);
    String missing = form.missing(row);
    if (missing != null) {
      throw wrong(file, row, "asks for " + missing);
    }
    Example example = form.fill(row);
    if (example == null) {
      throw wrong(
          file,
          row,
          "finds nothing to learn, the answer is blank or both are the same; take the row out");
    }
    return example;
  }

  private SitsOut wrong(String file, Row row, String what) {
    return new SitsOut(file + ":" + row.line() + ": template " + name + " " + what);
  }

  private Form form(Row row) {
    for (Form form : forms) {
      if (form.suits(row)) {
        return form;
      }
    }
    return forms.get(forms.size() - 1);
  }
}
