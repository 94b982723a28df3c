package org.flywheelmta.torture;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The options that describe a {@link Judge}. */
final class JudgeOptions {
  private static final int FINDINGS_SHOWN = 200;

  @Option(
      names = "--outcome-window",
      paramLabel = "TIME",
      description = "How long before a kill a delivery may be forgotten and repeated.",
      defaultValue = "10ms")
  Duration outcomeWindow = Duration.ZERO;

  @Option(
      names = "--slack",
      paramLabel = "TIME",
      description = "Added to the window for the scheduling of both processes; counted apart.",
      defaultValue = "90ms")
  Duration slack = Duration.ZERO;

  @Option(
      names = "--no-reports",
      negatable = true,
      description = "The server tells no sender of failures, and none is expected.",
      defaultValue = "true",
      fallbackValue = "true")
  boolean reports = true;

  Judge judge() {
    return judge(Duration.ZERO);
  }

  /** One whose window is not shorter than {@code least}. */
  Judge judge(Duration least) {
    var window = outcomeWindow.compareTo(least) < 0 ? least : outcomeWindow;
    return new Judge(window, slack, reports);
  }

  /** The lines of a verdict, the middle of an overlong list left out. */
  static void print(Verdict verdict) {
    var lines = verdict.lines();
    int left = lines.size() - 2 * FINDINGS_SHOWN;
    for (int i = 0; i < lines.size(); i++) {
      if (left > 0 && i == FINDINGS_SHOWN) {
        System.out.println("… " + left + " lines left out");
        i += left;
      }
      System.out.println(lines.get(i));
    }
  }
}
