package org.flywheelmta.torture;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One round of honest sessions.
 *
 * @param acknowledged mails per second that the server took
 * @param delivered mails per second that came to the sink
 * @param greetings of new clients meanwhile
 * @param unanswered new clients who were not greeted
 * @param server its memory at the end, and the processor time that it took in the round
 * @param harness the processor time that generator, sink and crowd took
 * @param crowd who stood beside the sessions at the end, or null where they were alone
 * @param crowdCpu the crowd's part of the harness's time
 */
record SlowRound(
    double acknowledged,
    double delivered,
    Latencies greetings,
    long unanswered,
    Vitals server,
    Duration harness,
    Crowd.@Nullable Census crowd,
    Duration crowdCpu) {
  String line() {
    String greeting =
        greetings.count() == 0 ? "none" : Latencies.millis(greetings.micros(99)) + " ms";
    String line =
        "acknowledged %.0f/s  delivered %.0f/s  greeting p99 %s (%d, %d failed)  "
                .formatted(acknowledged, delivered, greeting, greetings.count(), unanswered)
            + "server %s, %s CPU  harness %s CPU"
                .formatted(
                    Vitals.megabytes(server.residentBytes()),
                    Vitals.seconds(server.cpu()),
                    Vitals.seconds(harness));
    return crowd == null
        ? line
        : line + ", of that the crowd " + Vitals.seconds(crowdCpu) + "\n  " + crowd.line();
  }
}
