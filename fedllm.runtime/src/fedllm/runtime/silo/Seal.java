package fedllm.runtime.silo;

import fedllm.runtime.message.SignedText;
import fedllm.runtime.message.Word;

/**
 * Signs what one silo says of its uploads.
 *
 * @param key the silo's own
 */
record Seal(SiloKey key, String federation, String silo) {

  Word.Manifest on(Word.Begin begin, Word.Manifest manifest) {
    return SignedText.sign(key.secret(), federation, silo, begin, manifest);
  }
}
