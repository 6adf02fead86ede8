package fedllm.learning.base;

import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.Refused;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A head that a model's files were not written for, and what their configuration says of it as
 * Hugging Face's does: {@code architectures}, {@code id2label}, {@code label2id}.
 */
final class NewHead {

  /** Such as {@code LlamaForCausalLM}, {@code GPT2LMHeadModel} and {@code BertModel}. */
  private static final Pattern ARCHITECTURE = Pattern.compile("(.+?)(For\\w+|LMHeadModel|Model)");

  private final ModelConfig config;
  private final Head head;
  private final List<String> labels;

  NewHead(ModelConfig config, Head head, List<String> named) {
    this.config = config;
    this.head = head;
    if (!named.isEmpty() && named.size() != head.classes()) {
      throw new Refused(
          head.kind() == Head.Kind.TOKENS
              ? "labels are named, but this model tells no classes; leave them out"
              : "there are " + named.size() + " labels for " + head.classes() + " classes");
    }
    // Where files do not say it there are two classes, whatever they were written for.
    boolean fits = config.labels().size() == head.classes();
    this.labels =
        !named.isEmpty()
            ? named
            : fits
                ? config.labels()
                : IntStream.range(0, head.classes()).mapToObj(i -> "LABEL_" + i).toList();
  }

  /** Whether the files were written for another, or the same with other names. */
  boolean isNew() {
    return head.kind() != Head.Kind.TOKENS
        && !(Head.of(config).equals(head) && config.labels().equals(labels));
  }

  void write(ObjectNode json) {
    List<String> architectures = config.texts("architectures");
    Matcher name = ARCHITECTURE.matcher(architectures.isEmpty() ? "" : architectures.get(0));
    if (!name.matches()) {
      throw config.odd("architectures", "a name such as LlamaForCausalLM");
    }
    String task =
        head.kind() == Head.Kind.SEQUENCE_CLASSES
            ? "ForSequenceClassification"
            : "ForTokenClassification";
    json.putArray("architectures").add(name.group(1) + task);
    ObjectNode names = json.putObject("id2label");
    ObjectNode numbers = json.putObject("label2id");
    for (int i = 0; i < labels.size(); i++) {
      names.put(Integer.toString(i), labels.get(i));
      numbers.put(labels.get(i), i);
    }
    json.remove("num_labels");
    if (head.kind() == Head.Kind.SEQUENCE_CLASSES) {
      json.put("problem_type", "single_label_classification");
    }
  }
}
