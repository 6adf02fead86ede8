package fedllm.runtime.wire;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Compression;
import fedllm.api.codec.Compressor;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.error.Refused;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.runtime.job.Spec;
import fedllm.runtime.plugin.Holdings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Opens the chains that a job writes down. */
public final class Chains {

  private Chains() {}

  /**
   * A sender's chain.
   *
   * @param frames the opened links
   * @param stateful those that remember, by their place in the chain
   */
  public record Sending(FrameEncoder frames, Map<String, Stateful> stateful) {}

  /** Opens the sender's links. */
  public static Sending sending(Holdings holdings, List<Spec> specs, Scope scope) {
    List<String> names = new ArrayList<>();
    List<Encoder> encoders = new ArrayList<>();
    List<Compression> compressions = new ArrayList<>();
    Map<String, Stateful> stateful = new LinkedHashMap<>();
    for (Spec spec : specs) {
      if (holdings.fulfils(Codec.class, spec.name())) {
        checkOrder(spec, compressions);
        Choice<Codec> codec = holdings.choose(Codec.class, spec.name(), spec.options());
        Encoder encoder = codec.plugin().encoder(codec.options(), scope);
        encoders.add(encoder);
        if (encoder instanceof Stateful remembers) {
          stateful.put("codec." + names.size(), remembers);
        }
      } else {
        compressions.add(compression(holdings, spec));
      }
      names.add(spec.name());
    }
    return new Sending(new FrameEncoder(names, encoders, compressions), stateful);
  }

  /** Opens the receiver's links. */
  public static FrameDecoder receiving(Holdings holdings, List<Spec> specs) {
    List<String> names = new ArrayList<>();
    List<Decoder> decoders = new ArrayList<>();
    List<Compression> compressions = new ArrayList<>();
    for (Spec spec : specs) {
      names.add(spec.name());
      if (holdings.fulfils(Codec.class, spec.name())) {
        checkOrder(spec, compressions);
        Choice<Codec> codec = holdings.choose(Codec.class, spec.name(), spec.options());
        decoders.add(codec.plugin().decoder(codec.options()));
      } else {
        compressions.add(compression(holdings, spec));
      }
    }
    return new FrameDecoder(names, decoders, compressions);
  }

  private static Compression compression(Holdings holdings, Spec spec) {
    Choice<Compressor> compressor = holdings.choose(Compressor.class, spec.name(), spec.options());
    return compressor.plugin().open(compressor.options());
  }

  private static void checkOrder(Spec spec, List<Compression> compressions) {
    if (!compressions.isEmpty()) {
      throw new Refused(
          "codec " + spec.name() + " works on values and has to come before those on bytes");
    }
  }
}
