package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Trait;
import fedllm.api.tensor.Unit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What every codec promises. */
public interface CodecContract {

  /** The plugin. */
  Codec codec();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  /**
   * One block, coded.
   *
   * @param side what the codec wrote
   * @param left what it left to the next link
   */
  record Coded(byte[] side, float[] left) {

    /** Equal bytes for equal codes. */
    public byte[] bytes() {
      ByteBuffer all = ByteBuffer.allocate(4 + side.length + 4 * left.length);
      all.putInt(side.length).put(side).asFloatBuffer().put(left);
      return all.array();
    }
  }

  /** Encodes a block and checks what an encoder may not do. */
  static Coded encode(Encoder encoder, int round, Unit unit, float[] values) {
    int count = values.length;
    float[] buffer = Arrays.copyOf(values, count + 3);
    Arrays.fill(buffer, count, buffer.length, Float.NaN);
    ByteBuffer side =
        ByteBuffer.allocate(encoder.maxSideBytes(count)).order(ByteOrder.LITTLE_ENDIAN);
    int left = encoder.encode(round, unit, buffer, count, side);
    assertTrue(left >= 0 && left <= count, left + " of " + count + " values are left");
    assertEquals(Float.NaN, buffer[count], "a value beyond the block was changed");
    return new Coded(Arrays.copyOf(side.array(), side.position()), Arrays.copyOf(buffer, left));
  }

  /** Decodes a block and checks that the side was read to its end. */
  static float[] decode(Decoder decoder, Coded coded, int count) {
    float[] values = new float[count];
    Arrays.fill(values, Float.NaN);
    System.arraycopy(coded.left(), 0, values, 0, coded.left().length);
    ByteBuffer side = ByteBuffer.wrap(coded.side()).order(ByteOrder.LITTLE_ENDIAN);
    decoder.decode(side, values, coded.left().length, count);
    assertFalse(side.hasRemaining(), "side bytes were left unread");
    return values;
  }

  /** Encodes and decodes a block with fresh workers. */
  default float[] through(float[] values) {
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    Coded coded = encode(encoder, 1, Samples.unit(values.length), values);
    return decode(codec().decoder(options()), coded, values.length);
  }

  @Test
  default void decodesFiniteValuesToFiniteValues() {
    for (float[] values : Samples.finite()) {
      Samples.assertFinite(through(values));
    }
  }

  @Test
  default void decodesToWhatWasEncodedIfItSaysSo() {
    if (Snapshots.is(codec(), Trait.LOSSLESS)) {
      for (float[] values : Samples.finite()) {
        assertArrayEquals(values, through(values));
      }
    }
  }

  @Test
  default void encodesTheSameToTheSameBytes() {
    Encoder one = codec().encoder(options(), Samples.SCOPE);
    Encoder other = codec().encoder(options(), Samples.SCOPE);
    for (int round = 1; round < 4; round++) {
      assertEquals(rounds(one, round), rounds(other, round));
    }
  }

  @Test
  default void goesOnAfterASnapshotAsIfNothingHadHappened() throws IOException {
    Encoder undisturbed = codec().encoder(options(), Samples.SCOPE);
    rounds(undisturbed, 1);
    rounds(undisturbed, 2);
    Encoder resumed = codec().encoder(options(), Samples.SCOPE);
    Snapshots.move(codec(), undisturbed, resumed);
    for (int round = 3; round < 6; round++) {
      assertEquals(rounds(undisturbed, round), rounds(resumed, round));
    }
  }

  /** Encodes a round's blocks; as text, so that a list of them can be compared. */
  private static List<String> rounds(Encoder encoder, int round) {
    List<String> codes = new ArrayList<>();
    for (Unit unit : Samples.blocks(Samples.SCHEMA)) {
      float[] values = Samples.normal(unit.length(), round * 1000L + unit.offset());
      codes.add(Arrays.hashCode(encode(encoder, round, unit, values).bytes()) + " " + unit);
    }
    return codes;
  }

  @Test
  default void brokenBytesDoNoMoreThanThrow() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = Samples.normal(300, 4);
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    Coded whole = encode(encoder, 1, Samples.unit(300), values);
    Decoder decoder = codec().decoder(options());
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] side = whole.side().clone();
      if (side.length > 0) {
        side[random.nextInt(side.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (i % 3 == 0) {
        side = Arrays.copyOf(side, random.nextInt(side.length + 9));
      }
      int kept = i % 5 == 0 ? random.nextInt(301) : whole.left().length;
      float[] out = Arrays.copyOf(whole.left(), 300 + 3);
      Arrays.fill(out, 300, out.length, 7);
      try {
        decoder.decode(ByteBuffer.wrap(side).order(ByteOrder.LITTLE_ENDIAN), out, kept, 300);
      } catch (RuntimeException e) {
        refused++;
      }
      assertTrue(inside(out), "a value beyond the block was changed");
    }
    assertTrue(refused > 0, "no broken bytes were noticed");
    assertArrayEquals(through(values), decode(decoder, whole, 300), "it does not recover");
  }

  private static boolean inside(float[] out) {
    return out[300] == 7 && out[301] == 7 && out[302] == 7;
  }
}
