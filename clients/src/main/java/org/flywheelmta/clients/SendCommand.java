package org.flywheelmta.clients;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flywheel send}. */
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Makes mails, or takes them from files, and sends them to a server by SMTP.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every mail was accepted for every recipient",
      "64:wrong usage",
      "65:something was refused for good (5xx)",
      "69:the server cannot be reached, or a connection was lost",
      "74:a file cannot be read",
      "75:something was refused for now (4xx), and nothing for good"
    })
final class SendCommand implements Callable<Integer> {
  private static final int SESSIONS_MAX = 10_000;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--to",
      required = true,
      showDefaultValue = Help.Visibility.NEVER,
      paramLabel = "ADDRESS",
      description = {
        "A recipient of each mail; may be said again.",
        Composition.NUMBER + " in an address stands for the mail's number."
      })
  private List<String> to = new ArrayList<>();

  @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender; empty for <>.")
  private String from = "alice@example.com";

  @Option(names = "--count", paramLabel = "N", description = "How many mails.")
  private long count = 1;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "How large each mail is made; 0 for a few lines.")
  private long size;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      showDefaultValue = Help.Visibility.NEVER,
      description = {
        "Header fields and body, in place of made-up ones; may be said again,",
        "and the files are sent in turns. Without --count each is sent once."
      })
  private List<Path> files = new ArrayList<>();

  @Option(names = "--sessions", paramLabel = "N", description = "How many connections at once.")
  private int sessions = 1;

  @Option(
      names = "--mails-per-connection",
      paramLabel = "N",
      description = "How many mails go over one connection; 0 for no such limit.")
  private long perConnection;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:2525",
      converter = SocketAddresses.class,
      description = "Where to send.")
  private InetSocketAddress server = new InetSocketAddress(0);

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      description = "How long to wait for a connection, and for each reply.")
  private Duration timeout = Duration.ZERO;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var line = specification().commandLine();
    check(count >= 1, "--count: at least 1");
    check(sessions >= 1 && sessions <= SESSIONS_MAX, "--sessions: 1 to " + SESSIONS_MAX);
    check(perConnection >= 0, "--mails-per-connection: at least 0");
    check(size >= 0 && size <= 1 << 30, "--size: 0 to " + (1 << 30));
    check(timeout.isPositive() && timeout.toDays() < 20, "--timeout: from 1ms to 20 days");
    check(size == 0 || files.isEmpty(), "--size and --data exclude each other");
    boolean counted =
        line.getParseResult() != null && line.getParseResult().hasMatchedOption("--count");
    long mails = files.isEmpty() || counted ? count : files.size();
    var composition = new Composition(from, to, Composition.read(files), size);
    var figures = send(composition, mails);
    if (json) {
      line.getOut().println(SendReport.json(figures, mails));
    } else {
      SendReport.print(figures, mails, line.getOut());
    }
    report(figures, mails, line.getErr());
    return SendReport.exitCode(figures, mails);
  }

  private static void report(SendTally.Figures figures, long mails, PrintWriter err) {
    if (figures.done() < mails || figures.lost() > 0) {
      err.println("flywheel: " + SendReport.failure(figures));
    }
  }

  private SendTally.Figures send(Composition composition, long mails) throws InterruptedException {
    var numbers = new AtomicLong();
    var tally = new SendTally();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(sessions, mails); i++) {
      threads.add(
          Thread.ofVirtual()
              .name("send-" + i)
              .start(
                  new SendSession(
                      server, timeout, composition, numbers, mails, perConnection, tally)));
    }
    var progress = Progress.onStandardError();
    for (var thread : threads) {
      while (!thread.join(Duration.ofMillis(100))) {
        progress.show(() -> SendReport.progress(tally.figures(), mails));
      }
    }
    progress.end();
    return tally.figures();
  }

  private CommandSpec specification() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification of a command");
    }
    return spec;
  }

  private void check(boolean good, String sentence) {
    if (!good) {
      throw new ParameterException(specification().commandLine(), sentence);
    }
  }
}
