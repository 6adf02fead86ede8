package fedllm.models.phi;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.testkit.learning.OracleContract;
import fedllm.testkit.learning.Plain;
import java.util.stream.Stream;

class PhiContractTest implements OracleContract {

  @Override
  public ModelFamily family() {
    return new Phi();
  }

  @Override
  public Stream<String> configs() {
    return Small.all().map(Small::config);
  }

  @Override
  public double[][] oracle(String config, Plain plain, int[] ids) {
    return forward(Small.of(config), head(), plain, ids);
  }

  static double[][] forward(Small small, Head head, Plain plain, int[] ids) {
    double[][] x = plain.embedding("model.embed_tokens", ids, small.width());
    for (int layer = 0; layer < small.layers(); layer++) {
      String at = "model.layers." + layer + ".";
      double[][] n = plain.layerNorm(at + "input_layernorm", x, 1e-5);
      double[][] attention = attention(small, plain, at + "self_attn.", n);
      double[][] up = Plain.map(plain.linear(at + "mlp.fc1", n), Plain::geluTanh);
      double[][] mlp = plain.atResidual(at + "mlp", plain.linear(at + "mlp.fc2", up));
      x = plain.residual(at + "self_attn", Plain.sum(x, mlp), attention);
    }
    x = plain.layerNorm("model.final_layernorm", x, 1e-5);
    String table = small.tied() ? "model.embed_tokens.weight" : "lm_head.weight";
    return switch (head.kind()) {
      case TOKENS -> plain.project(table, "lm_head", x);
      case SEQUENCE_CLASSES -> plain.linear("score", new double[][] {x[x.length - 1]});
      case TOKEN_CLASSES -> plain.linear("score", x);
    };
  }

  private static double[][] attention(Small small, Plain plain, String at, double[][] n) {
    int width = small.width() / small.heads();
    double[][] q = Plain.rotate(plain.linear(at + "q_proj", n), width, small.turned(), 500);
    double[][] k = Plain.rotate(plain.linear(at + "k_proj", n), width, small.turned(), 500);
    double[][] v = plain.times(at + "values", plain.linear(at + "v_proj", n));
    k = plain.times(at + "keys", k);
    double[][] a = Plain.attend(q, k, v, width, 1 / Math.sqrt(width), 0, 0);
    return plain.linear(at + "dense", a);
  }
}
