package fedllm.learning.kernel;

import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the engine's operators cost, as its own profiler sees them. One at a time in a JVM. */
public final class Trace {

  private Trace() {}

  /** An operator's call; what it calls itself is not in {@code self}. */
  private static final class Call {
    private final String name;
    private final double from;
    private final double to;
    private double self;

    Call(JsonNode event) {
      name = event.path("name").asText();
      from = event.path("ts").asDouble();
      self = event.path("dur").asDouble();
      to = from + self;
    }
  }

  /** Milliseconds on the clock in each operator itself, without those that it calls. */
  public static Map<String, Double> of(Runnable work) {
    try {
      Path file = Files.createTempFile("trace", ".json");
      JniUtils.startProfile(false, false, false);
      try {
        work.run();
      } finally {
        JniUtils.stopProfile(file.toString());
      }
      Map<String, Double> times = times(new ObjectMapper().readTree(file.toFile()));
      Files.delete(file);
      return times;
    } catch (IOException e) {
      throw new UncheckedIOException("the trace cannot be written or read", e);
    }
  }

  private static Map<String, Double> times(JsonNode trace) {
    Map<String, List<Call>> threads = new TreeMap<>();
    for (JsonNode event : trace.isArray() ? trace : trace.path("traceEvents")) {
      if (event.path("ph").asText().equals("X")) {
        threads
            .computeIfAbsent(event.path("tid").asText(), tid -> new ArrayList<>())
            .add(new Call(event));
      }
    }
    Map<String, Double> times = new TreeMap<>();
    for (List<Call> calls : threads.values()) {
      calls.sort(
          Comparator.comparingDouble((Call call) -> call.from).thenComparing(call -> -call.to));
      Deque<Call> open = new ArrayDeque<>();
      for (Call call : calls) {
        while (!open.isEmpty() && open.peek().to <= call.from) {
          open.pop();
        }
        if (!open.isEmpty()) {
          open.peek().self -= call.to - call.from;
        }
        open.push(call);
      }
      calls.forEach(call -> times.merge(call.name, call.self / 1000, Double::sum));
    }
    return times;
  }
}
