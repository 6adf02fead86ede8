package fedllm.runtime.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import fedllm.api.planner.Task;
import fedllm.api.run.BundleState;
import fedllm.runtime.plugin.PluginInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a silo says in its own topic, chunks apart. Nothing of its text is ever in it. A word that
 * lacks something cannot be made, so that who reads one may trust it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "word")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Word.Joined.class, name = "joined"),
  @JsonSubTypes.Type(value = Word.Beat.class, name = "beat"),
  @JsonSubTypes.Type(value = Word.Left.class, name = "left"),
  @JsonSubTypes.Type(value = Word.Bundles.class, name = "bundles"),
  @JsonSubTypes.Type(value = Word.Begin.class, name = "begin"),
  @JsonSubTypes.Type(value = Word.Manifest.class, name = "manifest"),
  @JsonSubTypes.Type(value = Word.Report.class, name = "report"),
  @JsonSubTypes.Type(value = Word.Out.class, name = "out")
})
public sealed interface Word {

  /**
   * The silo is there, with these plugins; said again when they change.
   *
   * @param key the public half of the key that it signs with, as Ed25519 writes it in a line
   * @param clients for how many small ones it speaks; 0 for a silo that is its own client
   */
  record Joined(String host, List<PluginInfo> plugins, String key, int clients) implements Word {
    public Joined {
      Objects.requireNonNull(host);
      plugins = List.copyOf(plugins);
      key = Objects.requireNonNullElse(key, "");
    }

    /** A silo that is its own client. */
    public Joined(String host, List<PluginInfo> plugins, String key) {
      this(host, plugins, key, 0);
    }
  }

  /** It is alive, and how far its work is, by run. */
  record Beat(Map<String, String> doing) implements Word {
    public Beat {
      doing = Map.copyOf(doing);
    }
  }

  /** It goes, in order. */
  record Left() implements Word {}

  /** How published bundles stand here, all of them; said again when that changes. */
  record Bundles(List<BundleState> states) implements Word {
    public Bundles {
      states = List.copyOf(states);
    }
  }

  /**
   * An upload begins; the chunks follow.
   *
   * @param clients of how many clients of a gateway updates follow, one after the other; 0 for the
   *     silo's own
   */
  record Begin(Attempt attempt, Task task, long examples, String base, int clients)
      implements Word {
    public Begin {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(task);
      Objects.requireNonNull(base);
    }

    /** Of the silo's own. */
    public Begin(Attempt attempt, Task task, long examples, String base) {
      this(attempt, task, examples, base, 0);
    }
  }

  /**
   * The upload is whole: from now on the update exists.
   *
   * @param sent bytes the silo's client sent for this order, this record apart
   * @param received bytes it received
   * @param files what belongs beside the result, of an initial state
   * @param afresh those of its workers whose private state was lost, and who started without
   * @param signature of {@link SignedText} by the silo's key, in Base64; empty while not signed
   */
  record Manifest(
      Attempt attempt,
      int chunks,
      long bytes,
      String sha256,
      Map<String, Double> metrics,
      long sent,
      long received,
      Map<String, String> files,
      List<String> afresh,
      String signature)
      implements Word {
    public Manifest {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(sha256);
      metrics = Map.copyOf(metrics);
      files = Map.copyOf(files);
      afresh = afresh == null ? List.of() : List.copyOf(afresh); // earlier versions do not say
      signature = Objects.requireNonNullElse(signature, "");
    }

    /** The same with a signature. */
    public Manifest signed(String by) {
      return new Manifest(
          attempt, chunks, bytes, sha256, metrics, sent, received, files, afresh, by);
    }
  }

  /** What it measured of the broadcast state. */
  record Report(Attempt attempt, Map<String, Double> metrics) implements Word {
    public Report {
      Objects.requireNonNull(attempt);
      metrics = Map.copyOf(metrics);
    }
  }

  /** It sits out. */
  record Out(Attempt attempt, String reason) implements Word {
    public Out {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(reason);
    }
  }
}
