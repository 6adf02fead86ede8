package fedllm.runtime.data;

import fedllm.api.data.Example;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import java.util.List;
import java.util.Map;

/**
 * Makes examples out of rows. It may have several forms, such as one with and one without input: a
 * row takes the first whose fields it has and does not leave blank, or else the last. Immutable.
 */
public final class Template {

  /** What the model reads, and what it is to write. */
  record Form(Wording prompt, Wording answer) {

    boolean suits(Map<String, String> fields) {
      return prompt.suits(fields) && answer.suits(fields);
    }
  }

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
   * Makes an example.
   *
   * @param file the row's file, for messages
   * @throws SitsOut when the row lacks a field or leaves nothing to write
   */
  public Example.Text fill(String file, Row row) {
    Form form = form(row.fields());
    String missing = form.prompt().missing(row.fields());
    missing = missing == null ? form.answer().missing(row.fields()) : missing;
    if (missing != null) { // where a header is missing, text stands in the place of its names
      throw new SitsOut(
          file
              + ":"
              + row.line()
              + ": template "
              + name
              + " asks for the field {"
              + missing
              + "}, and none of the row's "
              + row.fields().size()
              + " is called so; choose another template, or add the header if it is missing");
    }
    String answer = form.answer().fill(row.fields());
    if (answer.isBlank()) {
      throw new SitsOut(
          file
              + ":"
              + row.line()
              + ": template "
              + name
              + " finds nothing to learn, the answer is"
              + " blank; take the row out");
    }
    return new Example.Text(form.prompt().fill(row.fields()), answer);
  }

  private Form form(Map<String, String> fields) {
    for (Form form : forms) {
      if (form.suits(fields)) {
        return form;
      }
    }
    return forms.get(forms.size() - 1);
  }
}
