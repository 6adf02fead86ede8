package fedllm.runtime.server;

import fedllm.api.error.Refused;
import fedllm.api.run.Federation;
import fedllm.api.run.PluginView;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** The console of a server: reads its copies, and asks its thread for the rest. */
public final class Console implements Federation {

  private final Server server;

  /** Of a server that runs. */
  public Console(Server server) {
    this.server = server;
  }

  @Override
  public String name() {
    return server.federation();
  }

  @Override
  public String submit(String yaml, String source) {
    return ask(() -> server.submit(yaml, source));
  }

  @Override
  public List<RunView> runs() {
    return server.runViews();
  }

  @Override
  public RunView run(String id) {
    List<RunView> all = runs();
    if (id.equals("last") && !all.isEmpty()) {
      return all.get(all.size() - 1);
    }
    List<RunView> matching = all.stream().filter(r -> r.id().startsWith(id)).toList();
    if (matching.stream().anyMatch(r -> r.id().equals(id))) {
      matching = matching.stream().filter(r -> r.id().equals(id)).toList();
    }
    if (matching.size() != 1) {
      throw new Refused(
          (matching.isEmpty() ? "no run is called " : "several runs begin with ")
              + id
              + "; there are "
              + all.stream().map(RunView::id).toList());
    }
    return matching.get(0);
  }

  @Override
  public List<SiloView> silos() {
    return server.siloViews();
  }

  @Override
  public List<PluginView> plugins() {
    return ask(server::pluginViews);
  }

  @Override
  public void pause(String id) {
    String run = run(id).id();
    ask(run, () -> server.pause(run));
  }

  @Override
  public void resume(String id) {
    String run = run(id).id();
    ask(run, () -> server.resume(run));
  }

  @Override
  public void cancel(String id) {
    String run = run(id).id();
    ask(run, () -> server.cancel(run));
  }

  private void ask(String run, Runnable what) {
    ask(
        () -> {
          what.run();
          return run;
        });
  }

  private <T> T ask(Supplier<T> what) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    server.request(
        () -> {
          try {
            T done = what.get();
            server.show(); // who asked sees what came of it
            answer.complete(done);
          } catch (RuntimeException | LinkageError e) { // a plugin's bundle may lack a class
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
