package fedllm.runtime.server;

import fedllm.api.error.Refused;
import fedllm.api.run.DeedView;
import fedllm.api.run.Federation;
import fedllm.api.run.PluginView;
import fedllm.api.run.PublishedView;
import fedllm.api.run.QuarantineView;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.format.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** The console of a server: reads its copies, and asks its thread for the rest. */
public final class Console implements Federation {

  private final Server server;
  private final String who;

  /** Of a server that runs; deeds are its own. */
  public Console(Server server) {
    this(server, "the program itself");
  }

  private Console(Server server, String who) {
    this.server = server;
    this.who = who;
  }

  @Override
  public Federation as(String somebody) {
    return new Console(server, somebody);
  }

  @Override
  public String name() {
    return server.federation();
  }

  @Override
  public String submit(String yaml, String source) {
    return ask(
        () -> {
          String id = server.submit(yaml, source);
          server.audit().add(who, "submit", id, source + ", SHA-256 " + sha256(yaml));
          return id;
        });
  }

  private static String sha256(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
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
    ask("pause", run, () -> server.pause(run));
  }

  @Override
  public void resume(String id) {
    String run = run(id).id();
    ask("resume", run, () -> server.resume(run));
  }

  @Override
  public void cancel(String id) {
    String run = run(id).id();
    ask("cancel", run, () -> server.cancel(run));
  }

  @Override
  public PublishedView publish(byte[] jar, String signature) {
    return ask(
        () -> {
          PublishedView view = server.publications().publish(jar, signature, who);
          server.audit().add(who, "publish", "", told(view) + ", SHA-256 " + view.sha256());
          return view;
        });
  }

  @Override
  public PublishedView withdraw(String name, String version) {
    return ask(
        () -> {
          PublishedView view = server.publications().withdraw(name, version, who);
          server.audit().add(who, "withdraw", "", told(view));
          return view;
        });
  }

  private static String told(PublishedView view) {
    return view.name() + " " + view.version();
  }

  @Override
  public List<PublishedView> published() {
    return ask(() -> server.publications().views());
  }

  @Override
  public List<DeedView> audit() {
    return ask(() -> server.audit().deeds());
  }

  @Override
  public List<QuarantineView> quarantine() {
    return ask(() -> server.quarantine().views());
  }

  private void ask(String deed, String run, Runnable what) {
    ask(
        () -> {
          what.run();
          server.audit().add(who, deed, run, "");
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
