package org.flywheelmta.torture;

import java.time.Duration;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that describe a {@link Misbehaviour}. */
final class SinkOptions {
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      names = "--stall",
      paramLabel = "TIME",
      description = "How long a stalled 250 waits.",
      defaultValue = "200ms")
  Duration stall = Duration.ZERO;

  @Option(
      names = "--stall-share",
      paramLabel = "SHARE",
      description = "Share of mails, 0 to 1, whose 250 stalls.")
  double stallShare;

  @Option(
      names = "--close-share",
      paramLabel = "SHARE",
      description = "Share of mails after whose final dot the connection closes without reply.")
  double closeShare;

  @Option(
      names = "--reset-share",
      paramLabel = "SHARE",
      description = "Share of mails within whose body the connection is reset.")
  double resetShare;

  @Option(
      names = "--defer-recipient-share",
      paramLabel = "SHARE",
      description = "Share of RCPT commands answered with 450.")
  double deferRecipientShare;

  @Option(
      names = "--defer-mail-share",
      paramLabel = "SHARE",
      description = "Share of mails answered with 451 after the final dot.")
  double deferMailShare;

  @Option(
      names = "--away-every",
      paramLabel = "TIME",
      description = "Refuse connections from time to time, after so long each; 0 for never.",
      defaultValue = "0s")
  Duration awayEvery = Duration.ZERO;

  @Option(
      names = "--away-for",
      paramLabel = "TIME",
      description = "How long to refuse them.",
      defaultValue = "1s")
  Duration awayFor = Duration.ZERO;

  Misbehaviour misbehaviour(long seed) {
    boolean shares =
        DoubleStream.of(stallShare, closeShare, resetShare, deferRecipientShare, deferMailShare)
            .allMatch(share -> share >= 0 && share <= 1);
    if (!shares) {
      throw LoadOptions.usage(spec, "a share is 0 to 1");
    }
    return new Misbehaviour(
        stall,
        stallShare,
        closeShare,
        resetShare,
        deferRecipientShare,
        deferMailShare,
        awayEvery,
        awayFor,
        seed);
  }
}
