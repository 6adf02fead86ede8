package fedllm.trainers.fedbpt;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.cmaes.CmaEs;
import fedllm.cmaes.SearchState;
import fedllm.learning.peft.Replayed;
import fedllm.learning.seeds.Replay;
import fedllm.learning.train.LocalTraining;
import java.util.ArrayList;
import java.util.List;

/** Training whose state is a search, from whose mean the adapter is made. */
final class SearchTraining implements Training {

  private final LocalTraining local;
  private final Search search;
  private final FedBpt.Config config;
  private final Start first;

  SearchTraining(LocalTraining local, Search search, FedBpt.Config config) {
    this.local = local;
    this.search = search;
    this.config = config;
    this.first = local.initial();
  }

  @Override
  public Start initial() {
    SearchState state = new SearchState(config.dimension(), config.population());
    List<Tensor> tensors = new ArrayList<>(state.tensors());
    float[] values = new float[(int) new Schema(tensors).size()];
    CmaEs begin = new CmaEs(new double[config.dimension()], config.sigma());
    state.write(begin, new double[0], values);
    tensors.add(Replay.sums(config.dimension()));
    Tensors all = new Tensors(new Schema(tensors));
    int at = 0;
    for (int t = 0; t < state.tensors().size(); t++) {
      System.arraycopy(values, at, all.values(t), 0, all.values(t).length);
      at += all.values(t).length;
    }
    return new Start(all, Replayed.files(first.files(), search.projection()));
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return search.adapter(first.tensors(), global.values(Replay.sums(1).name()));
  }

  @Override
  public Learned train(Work work, Tensors global) {
    search.begin(read(global), first.tensors());
    Learned learned = local.train(work, view(work, global));
    return new Learned(update(), learned.examples(), learned.metrics());
  }

  private static CmaEs read(Tensors global) {
    SearchState state = SearchState.of(global.schema());
    float[] values = new float[(int) new Schema(state.tensors()).size()];
    int at = 0;
    for (Tensor tensor : state.tensors()) {
      float[] some = global.values(tensor.name());
      System.arraycopy(some, 0, values, at, some.length);
      at += some.length;
    }
    return state.read(values);
  }

  private Tensors update() {
    Search.Tried tried = search.tried();
    long count = tried.losses().length;
    Schema schema =
        new Schema(
            List.of(
                new Tensor(
                    SearchState.MODULE, "solutions", List.of(count, (long) config.dimension())),
                new Tensor(SearchState.MODULE, "losses", List.of(count)),
                new Tensor(SearchState.MODULE, "spread", List.of(2L))));
    Tensors update = new Tensors(schema);
    for (int k = 0; k < count; k++) {
      update.values(1)[k] = (float) tried.losses()[k];
      for (int i = 0; i < config.dimension(); i++) {
        update.values(0)[k * config.dimension() + i] = (float) tried.solutions()[k][i];
      }
    }
    update.values(2)[0] = (float) tried.spread();
    update.values(2)[1] = (float) (tried.sigma() * tried.sigma());
    return update;
  }

  @Override
  public void close() {
    local.close();
  }
}
