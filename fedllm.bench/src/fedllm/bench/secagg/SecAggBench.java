package fedllm.bench.secagg;

import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.bench.Main;
import fedllm.bench.Row;
import fedllm.privacy.secagg.FixedPoint;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * One secure aggregation, all silos and the server one after the other on one thread: whether the
 * sum is exact, processor time and coded bytes, each beside a plain round of FedAvg with the same
 * updates and the same drop-outs. Drop-outs leave at the worst time, when they have shared their
 * secrets.
 */
public final class SecAggBench implements Main.Bench {

  private static final int BITS = 16;
  private static final int MAX_WEIGHT = 1000;

  private final PrintStream out;

  /** Says what it does. */
  public SecAggBench(PrintStream out) {
    this.out = out;
  }

  @Override
  public List<Row> run(String part, boolean quick) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int silos : new int[] {10, 50}) {
      for (int dropped : new int[] {0, 30}) {
        String name = silos + "x" + dropped;
        if (name.startsWith(part) || part.startsWith(name)) {
          out.printf("measuring %d silos, of which %d %% drop out%n", silos, dropped);
          rows.addAll(
              measure(
                  "secagg." + name + ".", silos, silos * dropped / 100, quick ? 1 << 17 : 1 << 20));
        }
      }
    }
    return rows;
  }

  private static List<Row> measure(String name, int silos, int dropped, int values)
      throws IOException {
    FixedPoint rule = new FixedPoint(silos / 2 + 1, BITS, MAX_WEIGHT, 0.05f);
    new Federation(silos, dropped, values / 4).plain(); // until what is hot is compiled
    new Federation(silos, dropped, values / 4).secure(rule);
    Federation plainly = new Federation(silos, dropped, values);
    Federation.Cost plain = plainly.plain();
    Federation securely = new Federation(silos, dropped, values);
    Federation.Cost secure = securely.secure(rule);
    return List.of(
        new Row(name + "wrongValues", wrong(securely, rule), "values", values),
        new Row(name + "silo.cpuSeconds", secure.silo(), "CPU-s", plain.silo()),
        new Row(name + "server.cpuSeconds", secure.server(), "CPU-s", plain.server()),
        new Row(name + "silo.upBytes", secure.up(), "B", plain.up()),
        new Row(name + "silo.downBytes", secure.down(), "B", plain.down()));
  }

  /** Values that are not what the sum of the same codes in the clear gives. */
  private static int wrong(Federation federation, FixedPoint rule) {
    int wrong = 0;
    List<String> members = federation.members();
    Tensors initial = federation.initial();
    for (int t = 0; t < initial.schema().tensors().size(); t++) {
      float[] before = initial.values(t);
      float[] found = federation.state().values(federation.name(t));
      long[] sums = new long[found.length];
      for (String silo : members) {
        Tensors update = federation.update(silo);
        int[] codes = new int[found.length];
        rule.encode(update.values(t), 1, new Scope("bench", silo, 1).random(1, t, "secagg"), codes);
        for (int i = 0; i < codes.length; i++) {
          sums[i] += codes[i];
        }
      }
      for (int i = 0; i < found.length; i++) {
        wrong += found[i] == before[i] + rule.mean((int) sums[i], members.size()) ? 0 : 1;
      }
    }
    return wrong;
  }
}
