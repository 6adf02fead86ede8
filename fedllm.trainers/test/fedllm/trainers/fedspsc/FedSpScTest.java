package fedllm.trainers.fedspsc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Generation;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.RandomModel;
import fedllm.testkit.learning.WordPieces;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of random weights whose words are mostly numbers, so that it answers with some. */
class FedSpScTest {

  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 40, "tie_word_embeddings": true, "max_position_embeddings": 64}
      """;

  private static final List<String> WORDS =
      List.of(
          "question", "answer", ":", "how", "many", "are", "of", "and", "eggs", "hens", "ducks");

  private static final String ASKED = "How many are 3 and 4 eggs";

  private final Bases bases = new Bases(List.of(new Llama()));
  private Path base;

  @BeforeEach
  void write(@TempDir Path folder) throws Exception {
    base = new RandomModel(new Llama(), CONFIG, Head.TOKENS, folder).write(folder.resolve("base"));
    List<String> words = new ArrayList<>(WORDS);
    IntStream.range(0, 25).mapToObj(Integer::toString).forEach(words::add);
    WordPieces.write(base, words);
  }

  private static Example question(String text) {
    return new Example.Text("Question: " + text + "\nAnswer: ", "secret");
  }

  private Training open(int votes, Map<String, ?> changes, Example... pool) {
    Map<String, Object> values = new HashMap<>();
    values.put("questions", List.of(ASKED, "Of 5 hens how many are ducks"));
    values.put("votes", votes);
    values.put("maxTokens", 6);
    values.putAll(changes);
    return new FedSpSc(bases)
        .open(
            TestOptions.ofPlugin(FedSpSc.class, values),
            new Place(base, new Scope("run", "farm", 1), List.of(pool), List.of(), (Options) null));
  }

  private static Learned ask(Training client) {
    Work work = new Work(1, Map.of(Work.PAYLOAD, Work.VALUES), SmallClient.QUIET);
    try (client) {
      return client.train(work, client.initial().tensors());
    }
  }

  /** What the model writes behind a prompt, and the number that this comes to. */
  private BigDecimal plainly(String question) {
    try (LanguageModel model = new LanguageModel(bases.open(base, Head.TOKENS), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", new Tensors(Adapter.NONE.schema()));
      try (Generation generation = new Generation(model, none)) {
        int[] prompt = model.base().tokenizer().encode("Question: " + question + "\nAnswer: ");
        String text =
            generation
                .answer(prompt, new Asked(Sampling.GREEDY, 6, Set.of()), Listener.NONE)
                .text();
        return Numbers.last(text).orElseThrow();
      }
    }
  }

  @Test
  void oneVoteForEachQuestionIsPlainPrompting() {
    Learned learned = ask(open(1, Map.of(), question("How many are 4 and 3 ducks")));
    float[] votes = learned.update().values(0);
    assertEquals(2 * 4, votes.length);
    assertEquals(plainly(ASKED), Numbers.read(votes, 0));
    assertEquals(plainly("Of 5 hens how many are ducks"), Numbers.read(votes, 4));
    assertEquals(1, votes[3]);
    assertEquals(2, learned.examples());
  }

  @Test
  void paraphrasesWithTheSameNumbersVoteTheNearestFirst() {
    Learned learned =
        ask(
            open(
                3,
                Map.of("batch", 2),
                question("How many are 3 and 5 eggs"),
                question("How many hens and ducks are 4 of 3"),
                question("How many are 4 and 3 eggs"),
                question(ASKED)));
    float[] votes = learned.update().values(0);
    assertEquals(plainly(ASKED), Numbers.read(votes, 0));
    assertEquals(plainly("How many are 4 and 3 eggs"), Numbers.read(votes, 4));
    assertEquals(plainly("How many hens and ducks are 4 of 3"), Numbers.read(votes, 8));
    assertTrue(votes[7] > votes[11], votes[7] + " and " + votes[11]);
    assertEquals(1, votes[7], 1e-6); // the same words in another order
    assertArrayEquals(
        new float[] {0, 0, 0, -1, 0, 0, 0, -1}, java.util.Arrays.copyOfRange(votes, 16, 24));
    assertEquals(Map.of("questions.asked", 4.0, "votes.given", 4.0), learned.metrics());
  }

  @Test
  void onlyTheMostSimilarVote() {
    Learned learned =
        ask(
            open(
                2,
                Map.of(),
                question("How many hens and ducks are 4 of 3"),
                question("How many are 4 and 3 eggs")));
    assertEquals(plainly("How many are 4 and 3 eggs"), Numbers.read(learned.update().values(0), 4));
  }

  @Test
  void nothingOfATextOrAModelTravels() {
    Learned learned = ask(open(3, Map.of(), question("How many are 4 and 3 eggs")));
    assertEquals("[fedllm.answers.tally[2, 3, 4]]", learned.update().schema().toString());
    assertTrue(learned.absolute());
    // Another text that has the same answer and embedding sends the same bits.
    Learned other = ask(open(3, Map.of(), question("How  MANY are 4 and 3 eggs")));
    assertArrayEquals(learned.update().values(0), other.update().values(0));
    assertEquals(learned.metrics(), other.metrics());
  }

  @Test
  void aSeedSaysWhatIsWrittenFreely() {
    float[] one = ask(open(3, Map.of("temperature", 2))).update().values(0);
    assertArrayEquals(one, ask(open(3, Map.of("temperature", 2))).update().values(0));
  }

  @Test
  void questionsSurviveTheirJourneyOrAreRefused() {
    List<String> questions = List.of("Wie viele Hühner?", "日本 2", "x");
    Tensors state = Questions.state(questions, 4);
    assertEquals(questions, Questions.of(state));
    state.values(0)[3] += 0.5f;
    SitsOut changed = assertThrows(SitsOut.class, () -> Questions.of(state));
    assertTrue(changed.getMessage().contains("codecs.down"), changed.getMessage());
    state.values(0)[3] = 0xFF;
    assertThrows(SitsOut.class, () -> Questions.of(state));
    assertThrows(SitsOut.class, () -> Questions.of(Questions.votes(1, 1)));
  }

  @Test
  void whatCannotBeAskedIsRefused() {
    for (Map<String, ?> wrong :
        List.of(
            Map.of("questions", List.of()),
            Map.of("questions", List.of(" ")),
            Map.of("layout", "Q:"),
            Map.of("stops", List.of("")))) {
      assertThrows(SitsOut.class, () -> open(1, wrong), "" + wrong);
    }
    Training client = open(2, Map.of(), new Example.Tokens(new int[] {1, 2}));
    assertThrows(SitsOut.class, () -> ask(client));
  }
}
