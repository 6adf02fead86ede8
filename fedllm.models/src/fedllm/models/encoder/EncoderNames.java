package fedllm.models.encoder;

import fedllm.learning.model.Head;
import java.util.List;

/** What a family's files call the parts of an encoder. */
public interface EncoderNames {

  /** What stands before the names of all weights but a head's; files may leave it out. */
  String model();

  /** What one layer is made of, one after the other; layers may share blocks. */
  List<Block> layer(int layer);

  /** The linear layer between tables and first layer where their widths differ, or empty. */
  default String mapping() {
    return "";
  }

  /** What stands on it. */
  EncoderHead head(Head head);

  /** How the names of all heads' tensors begin, also of those that are not asked for. */
  List<String> heads();
}
