package fedllm.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class WatchTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void printsALineAnEventUntilTheRunEnds() throws Exception {
    assertEquals(
        """
        demo-1 starts
        demo-1 RUNNING · round 0/10 · 1.5 MB up · 34.0 s left
        demo-1 round 1/10 closed · bank, school · 1.5 s · 1.5 MB up · before it loss 4.500
        demo-1 round 2/10 closed · bank, school (1 round late) · 1.5 s · 1.5 MB up · loss 2.500 · clinic absent: \
        lacks codec topk 0.2.0 · strategy fedavg 0.1.0 -> 0.2.0
        demo-1 COMPLETED · round 2/10 · loss 2.500 · 4.5 MB up
        """,
        watch(new Watch(out, false, false)));
  }

  @Test
  void tellsALossOnlyOnceEverySiloHasMeasured() {
    RunView run = FakeFederation.run(RunState.RUNNING, 2);
    String last = RunText.closed(run, run.rounds().get(2));
    assertTrue(last.contains("before it loss 3.500"), last);
    String settled = RunText.closed(run, run.rounds().get(1));
    assertTrue(settled.endsWith("· loss 3.500"), settled);
  }

  @Test
  void redrawsOnATerminalWhatItDrewBefore() throws Exception {
    String shown = watch(new Watch(out, false, true));
    assertTrue(shown.contains("  bank  step 12 of 20\n\u001b[?7h\u001b[2A\u001b[J"), shown);
  }

  @Test
  void printsAnObjectAChangeForPrograms() throws Exception {
    List<String> lines = watch(new Watch(out, true, false)).lines().toList();
    assertEquals(3, lines.size());
    assertTrue(lines.get(2).contains("\"state\":\"COMPLETED\""), lines.get(2));
  }

  @Test
  void endsWhenTheAskerHangsUp() throws Exception {
    CountDownLatch hungUp = new CountDownLatch(1);
    hungUp.countDown();
    new Watch(out, false, false)
        .until(hungUp, () -> List.of(FakeFederation.run(RunState.RUNNING, 0)));
    assertTrue(bytes.toString(StandardCharsets.UTF_8).contains("RUNNING"));
  }

  private String watch(Watch watch) throws InterruptedException {
    Iterator<RunView> views =
        List.of(
                FakeFederation.run(RunState.RUNNING, 0),
                FakeFederation.run(RunState.RUNNING, 1),
                FakeFederation.run(RunState.COMPLETED, 2))
            .iterator();
    watch.until(new CountDownLatch(1), () -> List.of(views.next()));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
