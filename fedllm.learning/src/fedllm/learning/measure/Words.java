package fedllm.learning.measure;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The words of an answer, as measures of answers compare them. */
public final class Words {

  private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
  private static final Pattern ARTICLES =
      Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern BLANK = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern OTHER = Pattern.compile("[^a-z0-9]+");

  private Words() {}

  /** Lower case, without ASCII punctuation and English articles, as SQuAD compares answers. */
  public static List<String> squad(String text) {
    String plain = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
    return cut(BLANK, ARTICLES.matcher(plain).replaceAll(" "));
  }

  /**
   * Runs of a-z and 0-9 in lower case, without a stemmer, as the package {@code rouge_score} cuts
   * texts: words of other letters are no words here.
   */
  public static List<String> rouge(String text) {
    return cut(OTHER, text.toLowerCase(Locale.ROOT));
  }

  private static List<String> cut(Pattern between, String text) {
    return between.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
  }
}
