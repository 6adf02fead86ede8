package fedllm.demo;

import fedllm.api.random.Philox;

/** Names that nobody has, and words of no language. */
final class Names {

  /** How many random words a name uses up. */
  static final int WORDS = 5;

  /** How many random words a word uses up at most. */
  static final int WORD_WORDS = 10;

  private static final String[] STARTS = {
    "B", "D", "F", "G", "K", "L", "M", "N", "P", "R", "S", "T", "V", "Z", "Br", "Dr", "Kr", "Tr"
  };
  private static final String[] VOWELS = {"a", "e", "i", "o", "u"};
  private static final String[] MIDDLES = {
    "b", "d", "l", "m", "n", "r", "s", "t", "v", "z", "ld", "nd", "rv", "st"
  };
  private static final String[] ENDS = {"n", "l", "r", "s", "k", "th", "x", "m"};

  private static final String[] CONSONANTS = {
    "b", "bl", "c", "ch", "cl", "cr", "d", "dr", "f", "fr", "g", "gl", "gr", "h", "j", "k", "l",
    "m", "n", "p", "ph", "pl", "pr", "qu", "r", "s", "sc", "sh", "sl", "sp", "st", "t", "th", "tr",
    "tw", "v", "w", "wh", "y", "z", ""
  };
  private static final String[] NUCLEI = {
    "a", "e", "i", "o", "u", "ai", "au", "ea", "ee", "ia", "ie", "io", "oo", "ou", "y"
  };
  private static final String[] CODAS = {
    "", "", "b", "ck", "ct", "d", "ff", "g", "l", "ld", "lk", "ll", "m", "mp", "n", "nd", "ng",
    "nt", "p", "r", "rd", "rm", "rt", "s", "sk", "ss", "st", "t", "tch", "th", "v", "x", "z"
  };

  private Names() {}

  /**
   * A word of one to three syllables, of the {@link #WORD_WORDS} random words from a position on.
   */
  static String word(Philox random, long position) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= random.below(position, 3); i++) {
      word.append(pick(CONSONANTS, random, position + 3L * i + 1));
      word.append(pick(NUCLEI, random, position + 3L * i + 2));
      word.append(pick(CODAS, random, position + 3L * i + 3));
    }
    return word.toString();
  }

  /** A name made of the {@link #WORDS} random words from a position on. */
  static String invent(Philox random, long position) {
    return pick(STARTS, random, position)
        + pick(VOWELS, random, position + 1)
        + pick(MIDDLES, random, position + 2)
        + pick(VOWELS, random, position + 3)
        + pick(ENDS, random, position + 4);
  }

  private static String pick(String[] from, Philox random, long position) {
    return from[random.below(position, from.length)];
  }
}
