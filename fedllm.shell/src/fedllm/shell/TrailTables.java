package fedllm.shell;

import fedllm.api.run.DeedView;
import fedllm.api.run.PublishedView;
import fedllm.api.run.QuarantineView;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** What the commands about bundles, deeds and refusals answer, as tables. */
final class TrailTables {

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private TrailTables() {}

  private static String time(long ms) {
    return TIME.format(Instant.ofEpochMilli(ms).atZone(ZoneId.systemDefault()));
  }

  static String published(List<PublishedView> published) {
    if (published.isEmpty()) {
      return "nothing is published\n";
    }
    StringBuilder text = new StringBuilder();
    for (PublishedView view : published) {
      Columns facts =
          new Columns()
              .row("bundle", view.name() + " " + view.version())
              .row(view.withdrawn() ? "withdrawn" : "published", time(view.atMs()))
              .row("by", view.by());
      if (!view.withdrawn()) {
        facts.row("sha256", view.sha256()).row("signed by", signer(view.signedBy()));
      }
      view.where().forEach((node, state) -> facts.row("  " + node, state));
      text.append(facts);
    }
    return text.toString();
  }

  private static String signer(String key) {
    return key.isEmpty() ? "nobody" : key;
  }

  static String audit(List<DeedView> deeds) {
    if (deeds.isEmpty()) {
      return "nobody has done anything yet\n";
    }
    Columns table = Columns.of("TIME", "WHO", "NODE", "WHAT", "RUN", "DETAIL");
    for (DeedView deed : deeds) {
      table.row(time(deed.atMs()), deed.who(), deed.node(), deed.what(), deed.run(), deed.detail());
    }
    return table.toString();
  }

  static String quarantine(List<QuarantineView> list) {
    if (list.isEmpty()) {
      return "nothing was refused\n";
    }
    Columns table = Columns.of("TIME", "RUN", "ROUND", "SILO", "WHERE", "REASON");
    for (QuarantineView view : list) {
      table.row(
          time(view.atMs()),
          view.run(),
          view.round() < 0 ? "" : view.round(),
          view.silo(),
          view.topic() + "@" + view.offset(),
          view.reason());
    }
    return table.toString();
  }
}
