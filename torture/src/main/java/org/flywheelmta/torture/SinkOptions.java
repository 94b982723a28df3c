package org.flywheelmta.torture;

import java.time.Duration;
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
      names = "--silence",
      paramLabel = "TIME",
      description = "How long a silent sink keeps the connection.",
      defaultValue = "2s")
  Duration silence = Duration.ZERO;

  @Option(
      names = "--slow-rate",
      paramLabel = "BYTES",
      description = "How many bytes of a slow body are read in a second.")
  int slowRate = 20_000;

  @Option(
      names = "--stall-share",
      paramLabel = "SHARE",
      description = "Share of mails, 0 to 1, whose 250 stalls.")
  @Nullable Double stallShare;

  @Option(
      names = "--close-share",
      paramLabel = "SHARE",
      description = "Share of mails after whose final dot the connection closes without reply.")
  @Nullable Double closeShare;

  @Option(
      names = "--reset-share",
      paramLabel = "SHARE",
      description = "Share of mails within whose body the connection is reset.")
  @Nullable Double resetShare;

  @Option(
      names = "--silent-share",
      paramLabel = "SHARE",
      description = "Share of mails after whose final dot nothing more comes.")
  @Nullable Double silentShare;

  @Option(
      names = "--slow-share",
      paramLabel = "SHARE",
      description = "Share of mails whose body is read slowly.")
  @Nullable Double slowShare;

  @Option(
      names = "--defer-recipient-share",
      paramLabel = "SHARE",
      description = "Share of RCPT commands answered with 450.")
  @Nullable Double deferRecipientShare;

  @Option(
      names = "--defer-mail-share",
      paramLabel = "SHARE",
      description = "Share of mails answered with 451 after the final dot.")
  @Nullable Double deferMailShare;

  @Option(
      names = "--reject-mail-share",
      paramLabel = "SHARE",
      description = "Share of mails answered with 554 after the final dot.")
  @Nullable Double rejectMailShare;

  @Option(
      names = "--busy-share",
      paramLabel = "SHARE",
      description = "Share of connections greeted with 421.")
  @Nullable Double busyShare;

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

  /** What the options say, and {@code unsaid} for the shares of which they say nothing. */
  Misbehaviour misbehaviour(long seed, Misbehaviour.Shares unsaid) {
    var shares =
        new Misbehaviour.Shares(
            share(stallShare, unsaid.stall()),
            share(closeShare, unsaid.close()),
            share(resetShare, unsaid.reset()),
            share(silentShare, unsaid.silent()),
            share(slowShare, unsaid.slow()),
            share(deferRecipientShare, unsaid.deferRecipient()),
            share(deferMailShare, unsaid.deferMail()),
            share(rejectMailShare, unsaid.rejectMail()),
            share(busyShare, unsaid.busy()));
    if (slowRate < 1) {
      throw LoadOptions.usage(spec, "--slow-rate: at least 1");
    }
    return new Misbehaviour(shares, stall, silence, slowRate, awayEvery, awayFor, seed);
  }

  private double share(@Nullable Double said, double unsaid) {
    double share = said == null ? unsaid : said;
    if (!(share >= 0 && share <= 1)) {
      throw LoadOptions.usage(spec, "a share is 0 to 1");
    }
    return share;
  }
}
