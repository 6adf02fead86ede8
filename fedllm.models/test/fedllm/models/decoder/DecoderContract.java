package fedllm.models.decoder;

import fedllm.testkit.learning.OracleContract;
import fedllm.testkit.learning.Plain;

/** The contract of a family that is built like Llama. */
public interface DecoderContract extends OracleContract {

  @Override
  default double[][] oracle(String config, Plain plain, int[] ids) {
    return new PlainDecoder(config, plain).logits(head(), ids);
  }
}
