package fedllm.privacy.secagg;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Wraps;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.Event;
import fedllm.api.protocol.RoundProtocol;
import java.util.EnumMap;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Four rounds for every one of another protocol, which decides in each phase anew whose updates are
 * enough. Who is missing in a phase has dropped out of the aggregation. A run ends after whole
 * aggregations.
 */
@Component
@Plugin(
    name = "secagg",
    does = "the phases of an aggregation for every round of another protocol",
    paper = "ePrint:2017/281",
    options = Phases.Config.class,
    with = "strategy/secagg")
public final class Phases implements RoundProtocol {

  /** Options. */
  public @interface Config {
    /** The protocol, to which an aggregation is a round, such as {@code synchronous}. */
    @Required
    @Wraps(RoundProtocol.class)
    String of() default "";
  }

  @Override
  public int rounds(Options options) {
    Choice<RoundProtocol> of = options.choice("of", RoundProtocol.class);
    return Phase.rounds(of.plugin().rounds(of.options()));
  }

  @Override
  public Course open(Options options, Scope scope) {
    Choice<RoundProtocol> of = options.choice("of", RoundProtocol.class);
    Map<Phase, Course> courses = new EnumMap<>(Phase.class);
    for (Phase phase : Phase.values()) {
      courses.put(phase, of.plugin().open(of.options(), scope));
    }
    if (courses.get(Phase.ADVERTISE).maxStaleness() > 0) {
      throw new Refused(
          "secagg: the protocol that it wraps lets updates come late, and what is masked for one"
              + " phase fits no other; take one that does not, such as synchronous");
    }
    return new ByPhase(courses);
  }

  /**
   * A course for each phase, which counts aggregations: it begins when the phase before it is over,
   * and only the first one hears that an aggregation is.
   */
  private record ByPhase(Map<Phase, Course> courses) implements Course {

    @Override
    public boolean awaitsLost() {
      return courses.get(Phase.ADVERTISE).awaitsLost();
    }

    @Override
    public void on(Event event, Conductor conductor) {
      if (event instanceof Event.Started started) {
        begin(started.closedRounds(), false, conductor);
      } else if (event instanceof Event.Closed closed) {
        begin(closed.round(), true, conductor);
      } else {
        int round = round(event);
        Phase phase = Phase.of(round);
        courses.get(phase).on(counted(event, Phase.aggregation(round)), new Of(phase, conductor));
      }
    }

    private void begin(int closedRounds, boolean goesOn, Conductor conductor) {
      Phase phase = Phase.after(closedRounds);
      int aggregations = Phase.aggregation(closedRounds + 1) - 1;
      Event event =
          goesOn && phase == Phase.ADVERTISE
              ? new Event.Closed(aggregations)
              : new Event.Started(aggregations);
      courses.get(phase).on(event, new Of(phase, conductor));
    }
  }

  private static int round(Event event) {
    if (event instanceof Event.Opened e) {
      return e.round();
    } else if (event instanceof Event.Arrived e) {
      return e.round();
    } else if (event instanceof Event.Reported e) {
      return e.round();
    } else if (event instanceof Event.Absent e) {
      return e.round();
    } else if (event instanceof Event.Lost e) {
      return e.round();
    } else if (event instanceof Event.Back e) {
      return e.round();
    } else if (event instanceof Event.Reminded e) {
      return e.round();
    }
    throw new IllegalArgumentException("secagg does not know the event " + event);
  }

  /** The event as a course has it that counts aggregations. */
  private static Event counted(Event event, int aggregation) {
    if (event instanceof Event.Opened e) {
      return new Event.Opened(aggregation, e.assignments());
    } else if (event instanceof Event.Arrived e) {
      return new Event.Arrived(aggregation, e.member(), e.seconds());
    } else if (event instanceof Event.Reported e) {
      return new Event.Reported(aggregation, e.client());
    } else if (event instanceof Event.Absent e) {
      return new Event.Absent(aggregation, e.client(), e.reason());
    } else if (event instanceof Event.Lost e) {
      return new Event.Lost(aggregation, e.client());
    } else if (event instanceof Event.Back e) {
      return new Event.Back(aggregation, e.client());
    }
    return new Event.Reminded(aggregation);
  }

  /** A phase's conductor. */
  private record Of(Phase phase, Conductor conductor) implements Conductor {

    @Override
    public void open(int aggregation) {
      conductor.open(phase.round(aggregation));
    }

    @Override
    public void close(int aggregation) {
      conductor.close(phase.round(aggregation));
    }

    @Override
    public void repeat(int aggregation, String reason) {
      conductor.repeat(phase.round(aggregation), reason);
    }

    @Override
    public void remind(int aggregation, long afterMs) {
      conductor.remind(phase.round(aggregation), afterMs);
    }

    @Override
    public void finish() {
      conductor.finish();
    }
  }
}
