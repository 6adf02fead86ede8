package fedllm.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
import fedllm.cli.node.Workspace;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.peft.Adapters;
import fedllm.learning.text.ChatTemplate;
import fedllm.models.llama.Llama;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With the demo's model, which reads 128 tokens. */
class TalkTest {

  private static final String QUESTION = "Please look up the ward of Doctor Zolos.";

  private Companion companion;
  private final List<Integer> forgotten = new ArrayList<>();

  @BeforeEach
  void open() {
    companion =
        Companion.open(
            new Bases(List.of(new Llama())),
            Precision.FP32,
            new Adapters(List.of()),
            Workspace.here().root().resolve("launch/demo/model"),
            null);
  }

  @AfterEach
  void close() {
    companion.close();
  }

  @Test
  void remembersWhatWasSaid() {
    Talk talk = talk(null, 20);
    Answer first = talk.say(QUESTION, Listener.NONE);
    assertEquals(
        List.of(new Turn(Role.USER, QUESTION), new Turn(Role.ASSISTANT, first.text().strip())),
        talk.turns());
    Talk fresh = talk(null, 20);
    assertEquals(first.text(), fresh.say(QUESTION, Listener.NONE).text());
    talk.reset();
    assertEquals(List.of(), talk.turns());
    assertEquals(first.text(), talk.say(QUESTION, Listener.NONE).text());
  }

  @Test
  void forgetsTheOldestTurnsAndSaysSo() {
    Talk talk = talk("Be brief.", 20);
    for (int i = 0; i < 6; i++) {
      talk.say(QUESTION, Listener.NONE);
    }
    assertFalse(forgotten.isEmpty());
    assertTrue(forgotten.stream().allMatch(turns -> turns % 2 == 0), forgotten.toString());
    assertEquals(new Turn(Role.SYSTEM, "Be brief."), talk.turns().get(0));
    assertEquals(Role.USER, talk.turns().get(1).role());
    int said = 1 + 6 * 2;
    assertEquals(said, talk.turns().size() + forgotten.stream().mapToInt(Integer::intValue).sum());
    talk.reset();
    assertEquals(1, talk.turns().size());
  }

  @Test
  void isAsBeforeWhenATextIsTooLong() {
    Talk talk = talk(null, 20);
    talk.say(QUESTION, Listener.NONE);
    assertThrows(SitsOut.class, () -> talk.say(QUESTION.repeat(20), Listener.NONE));
    talk.say(QUESTION, Listener.NONE);
    assertEquals(Role.ASSISTANT, talk.turns().get(talk.turns().size() - 1).role());
  }

  @Test
  void goesOnWithTextsByThemselves() {
    Completion completion = new Completion(companion, Sampling.GREEDY, 10);
    String first = completion.say("The ward of", Listener.NONE).text();
    completion.say("Question:", Listener.NONE);
    assertEquals(first, completion.say("The ward of", Listener.NONE).text());
  }

  private Talk talk(String system, int most) {
    ChatTemplate template = ChatTemplate.named("question", companion.base().folder());
    Sampling sampling = new Sampling(0.8, 0, 0.9, 1, 4);
    return new Talk(companion, template, sampling, most, system, Clock.systemUTC(), forgotten::add);
  }
}
