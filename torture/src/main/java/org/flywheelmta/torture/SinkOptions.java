package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.DoubleStream;
import org.flywheelmta.clients.Script;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that describe a {@link Misbehaviour} and the script that goes before it. */
final class SinkOptions {
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      names = "--reply",
      paramLabel = "FILE",
      description = {
        "A script of replies as 'flywheel sink' has it; it goes before the shares. What it refuses"
            + " with 5xx stays refused, its sender is owed a notification, and notifications are"
            + " never refused for good. Anything else is for a time. Whom it never lets through"
            + " makes the run wait to --drain-limit, and is reported as waiting. Silence ends after"
            + " --silence. --quiet must be longer than what notifications wait for.",
        "Not possible are 'say', and 5xx before MAIL. An example is docs/torture.script."
      })
  @Nullable Path reply;

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
  int slowRate = 50_000;

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
      names = "--silent-share",
      paramLabel = "SHARE",
      description = "Share of mails after whose final dot nothing more comes.")
  double silentShare;

  @Option(
      names = "--slow-share",
      paramLabel = "SHARE",
      description = "Share of mails whose body is read slowly.")
  double slowShare;

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
      names = "--reject-mail-share",
      paramLabel = "SHARE",
      description = "Share of mails answered with 554 after the final dot.")
  double rejectMailShare;

  @Option(
      names = "--busy-share",
      paramLabel = "SHARE",
      description = "Share of connections greeted with 421.")
  double busyShare;

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

  /**
   * @param unsaid the shares where an option says nothing
   */
  SinkOptions(Misbehaviour.Shares unsaid) {
    stallShare = unsaid.stall();
    closeShare = unsaid.close();
    resetShare = unsaid.reset();
    silentShare = unsaid.silent();
    slowShare = unsaid.slow();
    deferRecipientShare = unsaid.deferRecipient();
    deferMailShare = unsaid.deferMail();
    rejectMailShare = unsaid.rejectMail();
    busyShare = unsaid.busy();
  }

  /** The script, of which nothing has counted yet. */
  Script script() throws IOException {
    if (reply == null) {
      return Script.ordinary();
    }
    var script = Script.read(reply);
    script.examine(SinkScript::objection);
    return script;
  }

  Misbehaviour misbehaviour(long seed) {
    boolean shares =
        DoubleStream.of(
                stallShare,
                closeShare,
                resetShare,
                silentShare,
                slowShare,
                deferRecipientShare,
                deferMailShare,
                rejectMailShare,
                busyShare)
            .allMatch(share -> share >= 0 && share <= 1);
    if (!shares) {
      throw LoadOptions.usage(spec, "a share is 0 to 1");
    }
    if (slowRate < 1) {
      throw LoadOptions.usage(spec, "--slow-rate: at least 1");
    }
    return new Misbehaviour(
        new Misbehaviour.Shares(
            stallShare,
            closeShare,
            resetShare,
            silentShare,
            slowShare,
            deferRecipientShare,
            deferMailShare,
            rejectMailShare,
            busyShare),
        stall,
        silence,
        slowRate,
        awayEvery,
        awayFor,
        seed);
  }
}
