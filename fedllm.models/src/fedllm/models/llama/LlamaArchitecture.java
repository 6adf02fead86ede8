package fedllm.models.llama;

import fedllm.api.tensor.Tensor;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Linear;
import fedllm.learning.model.Sites;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A Llama of one shape, with the names that its files use. */
record LlamaArchitecture(LlamaShape shape) implements Architecture {

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  /**
   * The rotary embedding turns the pairs (i, i + half): Hugging Face's order of rows in q and k.
   */
  private static final String METHODS =
      """
        def model_angles(self: __torch__.K, length: int) -> Tensor:
          rate = torch.pow(THETA, torch.div(torch.arange(0, WIDTH, 2, dtype=7), -WIDTH))
          half = torch.outer(torch.arange(length, dtype=7), rate)
          return torch.cat([half, half], -1)
        def model_heads(self: __torch__.K, x: Tensor, heads: int) -> Tensor:
          split = torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), heads, WIDTH])
          return torch.transpose(split, 1, 2)
        def model_rotate(self: __torch__.K, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
          left, right = torch.chunk(x, 2, -1)
          return x * cos + torch.cat([torch.neg(right), left], -1) * sin
        def model_spread(self: __torch__.K, x: Tensor) -> Tensor:
          return SPREAD
        def model_attend(self: __torch__.K, q: Tensor, k: Tensor, v: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
          q1 = (self).model_rotate((self).model_heads(q, HEADS), cos, sin)
          k1 = (self).model_rotate((self).model_heads(k, KEYS), cos, sin)
          k2 = (self).model_spread(k1)
          v1 = (self).model_spread((self).model_heads(v, KEYS))
          a = torch.scaled_dot_product_attention(q1, k2, v1, None, 0., True)
          return torch.flatten(torch.transpose(a, 1, 2), 2)
        def model_norm(self: __torch__.K, x: Tensor, scale: Tensor) -> Tensor:
          return torch.rms_norm(x, [torch.size(x, -1)], scale, EPSILON)
      """;

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.context();
  }

  @Override
  public List<Tensor> weights() {
    List<Tensor> weights = new ArrayList<>();
    weights.add(weight(EMBEDDING, shape.vocabulary(), shape.width()));
    for (int layer = 0; layer < shape.layers(); layer++) {
      weights.add(weight(at(layer) + "input_layernorm.weight", shape.width()));
      weights.add(weight(at(layer) + "post_attention_layernorm.weight", shape.width()));
      for (Linear linear : linears(layer)) {
        weights.add(weight(linear.name() + ".weight", linear.out(), linear.in()));
      }
    }
    weights.add(weight("model.norm.weight", shape.width()));
    if (!shape.tied()) {
      weights.add(weight(HEAD, shape.vocabulary(), shape.width()));
    }
    return weights;
  }

  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith(".rotary_emb.inv_freq") || (shape.tied() && tensor.equals(HEAD));
  }

  @Override
  public List<Linear> linears() {
    List<Linear> all = new ArrayList<>();
    for (int layer = 0; layer < shape.layers(); layer++) {
      all.addAll(linears(layer));
    }
    return all;
  }

  private List<Linear> linears(int layer) {
    int queries = shape.heads() * shape.headWidth();
    int keys = shape.keyHeads() * shape.headWidth();
    return List.of(
        new Linear(at(layer) + "self_attn.q_proj", shape.width(), queries),
        new Linear(at(layer) + "self_attn.k_proj", shape.width(), keys),
        new Linear(at(layer) + "self_attn.v_proj", shape.width(), keys),
        new Linear(at(layer) + "self_attn.o_proj", queries, shape.width()),
        new Linear(at(layer) + "mlp.gate_proj", shape.width(), shape.inner()),
        new Linear(at(layer) + "mlp.up_proj", shape.width(), shape.inner()),
        new Linear(at(layer) + "mlp.down_proj", shape.inner(), shape.width()));
  }

  @Override
  public String script(Sites sites) {
    StringBuilder code = new StringBuilder(methods());
    code.append(
        """
          def head(self: __torch__.K, w: List[Tensor]) -> Tensor:
            return HEAD
          def hidden(self: __torch__.K, ids: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
            angles = (self).model_angles(torch.size(ids, 1))
            cos = torch.to(torch.cos(angles), 6)
            sin = torch.to(torch.sin(angles), 6)
            x = torch.embedding(EMBEDDING, ids)
        """
            .replace("HEAD", sites.weight(shape.tied() ? EMBEDDING : HEAD))
            .replace("EMBEDDING", sites.weight(EMBEDDING)));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String at = at(layer);
      line(code, "n = %s", norm(sites, "x", at + "input_layernorm.weight"));
      line(code, "q = %s", sites.linear(at + "self_attn.q_proj", "n"));
      line(code, "k = %s", sites.linear(at + "self_attn.k_proj", "n"));
      line(code, "v = %s", sites.linear(at + "self_attn.v_proj", "n"));
      line(code, "a = (self).model_attend(q, k, v, cos, sin)");
      line(code, "x = x + %s", sites.linear(at + "self_attn.o_proj", "a"));
      line(code, "n = %s", norm(sites, "x", at + "post_attention_layernorm.weight"));
      line(code, "g = torch.silu(%s)", sites.linear(at + "mlp.gate_proj", "n"));
      line(code, "u = g * %s", sites.linear(at + "mlp.up_proj", "n"));
      line(code, "x = x + %s", sites.linear(at + "mlp.down_proj", "u"));
    }
    line(code, "return %s", norm(sites, "x", "model.norm.weight"));
    return code.toString();
  }

  private String methods() {
    return METHODS
        .replace("THETA", Double.toString(shape.theta()))
        .replace("WIDTH", Integer.toString(shape.headWidth()))
        .replace("HEADS", Integer.toString(shape.heads()))
        .replace("KEYS", Integer.toString(shape.keyHeads()))
        .replace("SPREAD", spread())
        .replace("EPSILON", Double.toString(shape.epsilon()));
  }

  /** Torch can group queries by itself, but then leaves its fast attention: 0.4 of the speed. */
  private String spread() {
    int group = shape.heads() / shape.keyHeads();
    return group == 1 ? "x" : "torch.repeat_interleave(x, " + group + ", 1)";
  }

  private static String norm(Sites sites, String x, String weight) {
    return "(self).model_norm(" + x + ", " + sites.weight(weight) + ")";
  }

  private static void line(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }

  private static String at(int layer) {
    return "model.layers." + layer + ".";
  }

  private static Tensor weight(String name, long... shape) {
    int dot = name.lastIndexOf('.');
    return new Tensor(
        name.substring(0, dot), name.substring(dot + 1), Arrays.stream(shape).boxed().toList());
  }
}
