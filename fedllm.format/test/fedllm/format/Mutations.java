package fedllm.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import fedllm.api.random.Philox;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Whole safetensors files and what may have happened to them, by number: the same number is always
 * the same file. Used by one thread.
 */
final class Mutations {

  private static final List<String> WORDS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ",",
          ":",
          "\\",
          "\\u0000",
          "\\ud800",
          "null",
          "true",
          "-",
          "e9",
          ".5",
          " ",
          "\n",
          "\0",
          "{\"a\":",
          "[[[[",
          "\"dtype\":",
          "\"shape\":[]",
          "\"data_offsets\"",
          "\"__metadata__\":{\"a\":\"b\"},",
          "\"F32\"",
          "\"BF16\"",
          "\"F4\"",
          "\"C64\"",
          "\"BOOL\"",
          "\"f32\"",
          "\"U8\"",
          "\"F64\"",
          "\"\"");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-1",
          "1",
          "2",
          "4",
          "8",
          "16",
          "24",
          "255",
          "65536",
          "2147483647",
          "2147483648",
          "4294967296",
          "4611686018427387904",
          "9223372036854775807",
          "-9223372036854775808",
          "9223372036854775808",
          "99999999999999999999",
          "1e3",
          "1.5",
          "00",
          "1e400");

  private static final List<byte[]> SEEDS =
      List.of(
          file(
              "{'__metadata__':{'format':'pt'},'a':{'dtype':'F32','shape':[2,3],"
                  + "'data_offsets':[0,24]},'b.weight':{'dtype':'BF16','shape':[4],"
                  + "'data_offsets':[24,32]}}",
              32),
          file(
              "{'é\\u00e9':{'dtype':'F16','shape':[1,1,3],'data_offsets':[0,6]},'empty':"
                  + "{'dtype':'I64','shape':[0,7],'data_offsets':[6,6]},'s':{'dtype':'F64','shape':[],'data_offsets':[6,14]}}"
                  + "   ",
              14),
          file(
              "{'y':{'dtype':'U8','shape':[9],'data_offsets':[7,16]},'x':{'dtype':'I8',"
                  + "'shape':[7],'data_offsets':[0,7]}}",
              16),
          file("{}", 0));

  private final int[] words = new int[64];
  private int word;
  private final byte[] bytes = new byte[4096];
  private int size;

  /** Mutation {@code number}. */
  byte[] file(long number) {
    Philox random = new Philox(number * 0x9E3779B97F4A7C15L + 1);
    for (int block = 0; block < words.length / 4; block++) {
      random.block(block, words, 4 * block);
    }
    word = 0;
    byte[] seed = SEEDS.get(below(SEEDS.size()));
    size = seed.length;
    System.arraycopy(seed, 0, bytes, 0, size);
    for (int times = 1 + below(4); times > 0; times--) {
      mutate();
    }
    // Most mutations of the JSON change its length: the header says so in three of four files.
    if (size >= 8 && below(4) != 0) {
      int data =
          seed.length - 8 - (int) ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).getLong();
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(Math.max(0, size - 8 - data));
    }
    return Arrays.copyOf(bytes, size);
  }

  private void mutate() {
    int at = below(size + 1);
    switch (below(10)) {
      case 0 -> flip(at);
      case 1 -> replace(at, Math.min(size, at + below(3)), pick(WORDS));
      case 2 -> replace(at, at, pick(WORDS));
      case 3 -> replace(at, Math.min(size, at + 1 + below(12)), new byte[0]);
      case 4, 5 -> number(at);
      case 6 -> repeat(at, Math.min(size, at + 1 + below(60)));
      case 7 -> size = at;
      case 8 -> replace(size, size, new byte[below(40)]);
      default -> length();
    }
  }

  private void flip(int at) {
    if (at < size) {
      bytes[at] ^= (byte) (1 << below(8));
    }
  }

  /** Another number for the one at or after a place. */
  private void number(int at) {
    while (at < size && !digit(at)) {
      at++;
    }
    int end = at;
    while (end < size && digit(end)) {
      end++;
    }
    replace(at, end, pick(NUMBERS));
  }

  private boolean digit(int at) {
    return bytes[at] >= '0' && bytes[at] <= '9';
  }

  private void repeat(int from, int to) {
    replace(to, to, Arrays.copyOfRange(bytes, from, to));
  }

  private void length() {
    long[] lengths = {0, 1, 7, size, size - 8L, size - 7L, 1L << 31, 1L << 32, -1, Long.MAX_VALUE};
    if (size >= 8) {
      long length = lengths[below(lengths.length)];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    }
  }

  private void replace(int from, int to, byte[] by) {
    int grown = size - (to - from) + by.length;
    if (grown > bytes.length) {
      return;
    }
    System.arraycopy(bytes, to, bytes, from + by.length, size - to);
    System.arraycopy(by, 0, bytes, from, by.length);
    size = grown;
  }

  private byte[] pick(List<String> from) {
    return from.get(below(from.size())).getBytes(UTF_8);
  }

  private int below(int bound) {
    return (int) ((words[word++ & 63] & 0xFFFFFFFFL) * bound >>> 32);
  }

  private static byte[] file(String text, int dataBytes) {
    byte[] json = text.replace('\'', '"').getBytes(UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }
}
