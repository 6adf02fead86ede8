package fedllm.learning.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {

  private static final String VARIABLES =
      """
      {
        "messages": [
          {"role": "system", "content": " Be brief. "},
          {"role": "user", "content": "Hi <b> 'x' \\"q\\" é\\n"},
          {"role": "assistant", "content": "<think>\\nhm\\n</think>\\n\\nYo"},
          {"role": "user", "content": "and?"}
        ],
        "bos_token": "<s>",
        "eos_token": "</s>",
        "add_generation_prompt": true,
        "d": {"b": 1, "A": [1, 2.5, null, true, "x'"], "c": {}},
        "n": 7,
        "e": [],
        "s": "a,b,,c"
      }
      """;

  /** Templates and what Jinja itself makes of them. */
  static List<String[]> cases() throws Exception {
    List<String[]> cases = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                TemplateTest.class.getResourceAsStream("cases.txt"), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        cases.add(line.replace('⏎', '\n').split(" ⇒ ", 2));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void writesWhatJinjaWrites(String template, String expected) throws Exception {
    assertEquals(expected, Template.parse(template).render(variables()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{",
        "{{ 'a",
        "{{ a b }}",
        "{{ (1 }}",
        "{{ 1) }}",
        "{# x",
        "{% raw %}",
        "{% if %}",
        "{% if a %}",
        "{% endif %}",
        "{% for x %}{% endfor %}",
        "{% for x in y %}",
        "{% set %}",
        "{% set x %}",
        "{% macro f %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{{ a | nosuch }}",
        "{{ a is nosuch }}",
        "{{ a ? b }}",
        "{{ '\\xZZ' }}",
        "{{ 99999999999999999999 }}",
        "{% for x in y recursive %}{% endfor %}"
      })
  void refusesByLineWhatIsNoTemplate(String template) {
    TemplateError error =
        assertThrows(TemplateError.class, () -> Template.parse("one\ntwo\n" + template));
    assertEquals(3, error.line(), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'a' + 1 }}",
        "{{ nosuch.x }}",
        "{{ nosuch() }}",
        "{{ n() }}",
        "{{ 5 % 0 }}",
        "{{ 'a' < 1 }}",
        "{{ [1] - [1] }}",
        "{% for x in n %}{% endfor %}",
        "{{ e.append(1) }}",
        "{% for a, b in [[1]] %}{% endfor %}",
        "{{ range(1, 2, 0) }}",
        "{{ s.split('') }}",
        "{{ s | replace('a') }}",
        "{{ s | tojson(nosuch=1) }}",
        "{% set n.x = 1 %}",
        "{{ 9223372036854775807 + 1 }}",
        "{{ 1.5e300 * 1.5e300 }}",
        "{{ range(1.5) }}"
      })
  void refusesByLineWhatHasNoResult(String template) {
    Template parsed = Template.parse("one\ntwo\n" + template);
    TemplateError error = assertThrows(TemplateError.class, () -> parsed.render(variables()));
    assertEquals(3, error.line(), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f('xxxxxxxxxxxxxxxx') }}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{{ [[1] * 9999] * 999999 }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}"
            + "{% endfor %}{{ n.x }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}"
            + "{% endfor %}{{ n.x == n.x + [] }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}"
            + "{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99999) %}{% set n.x = [n.x] %}"
            + "{% endfor %}{{ n.x }}",
        "{{ s.replace('a', 'b' * 99999999).replace('b', 'c' * 99999999) }}",
        "{{ ('a' * 9999999) | indent(99999999) }}",
        "{{ messages | tojson(indent=999999999) }}"
      })
  void doesBoundedWork(String template) {
    Template parsed = Template.parse(template);
    assertThrows(TemplateError.class, () -> parsed.render(variables()));
  }

  @Test
  void boundsHowDeepATemplateNests() {
    String deep = "(".repeat(100_000) + "1" + ")".repeat(100_000);
    assertThrows(TemplateError.class, () -> Template.parse("{{ " + deep + " }}"));
  }

  @Property
  void endsInATextOrInAnErrorWhateverItReads(
      @ForAll @Size(max = 12)
          List<@CharRange(from = ' ', to = '~') @StringLength(max = 3) String> parts) {
    StringBuilder template = new StringBuilder();
    String[] pieces = {"{{ ", " }}", "{% if n %}", "{% for x in e %}", "{% end", "s", "|", "("};
    for (String part : parts) {
      template.append(part).append(pieces[Math.floorMod(part.hashCode(), pieces.length)]);
    }
    try {
      Template.parse(template.toString()).render(Map.of("n", 1L, "e", List.of(1L), "s", "x"));
    } catch (TemplateError e) {
      assertTrue(e.line() > 0, e.getMessage());
    }
  }

  private static Map<String, Object> variables() throws Exception {
    return new ObjectMapper()
        .enable(DeserializationFeature.USE_LONG_FOR_INTS)
        .readValue(VARIABLES, new TypeReference<Map<String, Object>>() {});
  }
}
