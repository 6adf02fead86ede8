package fedllm.learning.decoder;

import fedllm.learning.model.Site;
import java.util.ArrayList;
import java.util.List;

/** Names and sizes of a layer's norms and linear layers; arguments as in {@link GatedDecoder}. */
record LayerPlaces(DecoderShape shape, boolean headNorms, boolean fused) {

  List<Site> norms(int layer) {
    List<Site> norms = new ArrayList<>();
    norms.add(norm(at(layer) + "input_layernorm", shape.width()));
    norms.add(norm(at(layer) + "post_attention_layernorm", shape.width()));
    if (headNorms) {
      norms.add(norm(at(layer) + "self_attn.q_norm", shape.headWidth()));
      norms.add(norm(at(layer) + "self_attn.k_norm", shape.headWidth()));
    }
    return norms;
  }

  List<Site> linears(int layer) {
    String attention = at(layer) + "self_attn.";
    String mlp = at(layer) + "mlp.";
    int width = shape.width();
    int inner = shape.inner();
    int queries = shape.queries();
    int keys = shape.keys();
    List<Site> linears = new ArrayList<>();
    if (fused) {
      linears.add(Site.linear(attention + "qkv_proj", width, queries + 2 * keys));
      linears.add(Site.linear(mlp + "gate_up_proj", width, 2 * inner));
    } else {
      linears.add(Site.linear(attention + "q_proj", width, queries));
      linears.add(Site.linear(attention + "k_proj", width, keys));
      linears.add(Site.linear(attention + "v_proj", width, keys));
      linears.add(Site.linear(mlp + "gate_proj", width, inner));
      linears.add(Site.linear(mlp + "up_proj", width, inner));
    }
    linears.add(Site.linear(attention + "o_proj", queries, width));
    linears.add(Site.linear(mlp + "down_proj", inner, width));
    return linears;
  }

  /** What the names of a layer begin with. */
  static String at(int layer) {
    return "model.layers." + layer + ".";
  }

  private static Site norm(String name, int width) {
    return new Site(Site.Kind.NORM, name, width, width);
  }
}
