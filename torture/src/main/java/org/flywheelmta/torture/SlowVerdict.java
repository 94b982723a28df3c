package org.flywheelmta.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether honest sessions keep their rate beside a crowd: the medians of both kinds of rounds are
 * held against each other, because one disturbed round must not decide.
 *
 * @param alone rounds of honest sessions alone
 * @param beside rounds beside the crowd, as many
 * @param leastRatio what share of their rate they must keep
 */
record SlowVerdict(List<SlowRound> alone, List<SlowRound> beside, double leastRatio) {
  /** The ratio of acknowledged mails per second. */
  double ratio() {
    return ratio(SlowRound::acknowledged);
  }

  /** The ratio of mails per second that came to the sink. */
  double deliveredRatio() {
    return ratio(SlowRound::delivered);
  }

  private double ratio(ToDoubleFunction<SlowRound> rate) {
    double before = median(alone, rate);
    return before > 0 ? median(beside, rate) / before : 0;
  }

  static double median(List<SlowRound> rounds, ToDoubleFunction<SlowRound> rate) {
    var sorted = rounds.stream().mapToDouble(rate).sorted().toArray();
    if (sorted.length == 0) {
      return 0;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** What makes the run a bad one, one sentence each. */
  List<String> incidents() {
    var incidents = new ArrayList<String>();
    if (!(ratio() >= leastRatio)) {
      incidents.add(
          "honest sessions kept %.3f of their rate, less than %.3f".formatted(ratio(), leastRatio));
    }
    if (!(deliveredRatio() >= leastRatio)) {
      incidents.add(
          "deliveries kept %.3f of their rate, less than %.3f"
              .formatted(deliveredRatio(), leastRatio));
    }
    for (int i = 0; i < beside.size(); i++) {
      var crowd = beside.get(i).crowd();
      if (crowd == null || !crowd.isComplete()) {
        incidents.add(
            "in round %d not everybody stood: %s"
                .formatted(i + 1, crowd == null ? "nobody" : crowd.gone()));
      }
    }
    return incidents;
  }

  List<String> lines() {
    return List.of(
        "alone %.0f/s  beside %.0f/s  ratio %.3f  (delivered: alone %.0f/s  beside %.0f/s  ratio %.3f)"
            .formatted(
                median(alone, SlowRound::acknowledged),
                median(beside, SlowRound::acknowledged),
                ratio(),
                median(alone, SlowRound::delivered),
                median(beside, SlowRound::delivered),
                deliveredRatio()));
  }
}
