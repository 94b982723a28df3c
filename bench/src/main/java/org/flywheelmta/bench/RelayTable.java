package org.flywheelmta.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the rounds of one case come to: medians, and how peers stand to each other. */
record RelayTable(RelayCase relayCase, List<RelayRun> runs) {
  /** The figures of a peer's good runs. */
  Spread spread(String peer, ToDoubleFunction<RelayRun> figure) {
    return Spread.of(
        runs.stream().filter(run -> run.peer().equals(peer) && run.isGood()).mapToDouble(figure));
  }

  /** Every peer once, in the order of the first round. */
  List<String> peers() {
    var peers = new LinkedHashSet<String>();
    runs.forEach(run -> peers.add(run.peer()));
    return List.copyOf(peers);
  }

  /** The rate that counts in this case, in mails of a second. */
  double rate(RelayRun run) {
    return relayCase.delivers() ? run.arrivedPerSecond() : run.acceptedPerSecond();
  }

  List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %d sessions, %s, %,d octets each; medians (least-most)",
            relayCase,
            relayCase.sessions(),
            relayCase.kept() ? "kept open" : "one for each mail",
            relayCase.length()));
    lines.addAll(figures().lines());
    if (peers().size() > 1) {
      lines.add("");
      lines.addAll(ratios(rateTitle() + ", row / column", this::rate).lines());
      lines.add("");
      lines.addAll(ratios("CPU, row / column", RelayRun::cpuSecondsPerThousand).lines());
    }
    for (var run : runs) {
      if (!run.isGood()) {
        lines.add("FAILED: " + run.peer() + ", round " + run.round() + ": " + run.error());
      }
    }
    return lines;
  }

  private String rateTitle() {
    return relayCase.delivers() ? "end to end" : "accepted";
  }

  private Table figures() {
    var table =
        new Table(
            List.of(
                "peer", "runs", "accepted/s", "end to end/s", "CPU s/1,000", "MiB", "forced/mail"));
    for (var peer : peers()) {
      table.add(
          List.of(
              peer,
              Long.toString(
                  runs.stream().filter(run -> run.peer().equals(peer) && run.isGood()).count()),
              spread(peer, RelayRun::acceptedPerSecond).words("%,.0f"),
              spread(peer, RelayRun::arrivedPerSecond).words("%,.0f"),
              spread(peer, RelayRun::cpuSecondsPerThousand).words("%.3f"),
              spread(peer, RelayRun::memoryMib).word("%,.0f"),
              spread(peer, RelayRun::forcedWritesPerMail).word("%.2f")));
    }
    return table;
  }

  private Table ratios(String title, ToDoubleFunction<RelayRun> figure) {
    var head = new ArrayList<String>(List.of(title));
    head.addAll(peers());
    var table = new Table(head);
    for (var row : peers()) {
      var words = new ArrayList<String>(List.of(row));
      for (var column : peers()) {
        words.add(row.equals(column) ? "" : ratio(row, column, figure));
      }
      table.add(words);
    }
    return table;
  }

  private String ratio(String row, String column, ToDoubleFunction<RelayRun> figure) {
    double ratio = spread(row, figure).median() / spread(column, figure).median();
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.3g", ratio) : "-";
  }
}
