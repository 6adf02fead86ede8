package fedllm.models.gpt2;

import static fedllm.testkit.learning.Plain.attend;
import static fedllm.testkit.learning.Plain.map;
import static fedllm.testkit.learning.Plain.sum;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.testkit.learning.OracleContract;
import fedllm.testkit.learning.Plain;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class Gpt2ContractTest implements OracleContract {

  @Override
  public ModelFamily family() {
    return new Gpt2();
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
    int width = small.width();
    double[][] x =
        sum(
            plain.embedding("transformer.wte", ids, width),
            plain.embedding("transformer.wpe", IntStream.range(0, ids.length).toArray(), width));
    for (int layer = 0; layer < small.layers(); layer++) {
      String at = "transformer.h." + layer + ".";
      double[][] all = plain.linear(at + "attn.c_attn", plain.layerNorm(at + "ln_1", x, 1e-5));
      double[][] q = columns(all, 0, width);
      double[][] k = plain.times(at + "attn.keys", columns(all, width, 2 * width));
      double[][] v = plain.times(at + "attn.values", columns(all, 2 * width, 3 * width));
      int headWidth = width / small.heads();
      double scale = small.scaled() ? 1 / Math.sqrt(headWidth) : 1;
      scale /= small.cooled() ? layer + 1 : 1;
      double[][] y = plain.linear(at + "attn.c_proj", attend(q, k, v, headWidth, scale, 0, 0));
      x = plain.residual(at + "attn", x, y);
      double[][] u = plain.linear(at + "mlp.c_fc", plain.layerNorm(at + "ln_2", x, 1e-5));
      y = plain.linear(at + "mlp.c_proj", map(u, z -> activate(small, z)));
      x = plain.residual(at + "mlp", x, y);
    }
    x = plain.layerNorm("transformer.ln_f", x, 1e-5);
    return head.kind() == Head.Kind.TOKENS
        ? plain.project(small.tied() ? "transformer.wte.weight" : "lm_head.weight", "lm_head", x)
        : plain.linear("score", new double[][] {x[x.length - 1]});
  }

  private static double activate(Small small, double x) {
    return small.activation().equals("relu") ? Math.max(0, x) : Plain.geluTanh(x);
  }

  private static double[][] columns(double[][] x, int from, int to) {
    return Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new);
  }
}
