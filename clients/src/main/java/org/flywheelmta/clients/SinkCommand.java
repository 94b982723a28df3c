package org.flywheelmta.clients;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code flywheel sink}. */
@Command(
    name = "sink",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Receives mail by SMTP, counts it, and misbehaves as a script says.",
      "It ends at Ctrl-C, or when --count or --time say so, and prints what it took."
    },
    footerHeading = "%nA script has one rule a line; of those that fit, the first counts:%n",
    footer = {
      "  MOMENT [to=PATTERN] [from=PATTERN] [time=N|N-M|N-] [every=N] [per=to|from] [wait TIME]",
      "  [ACTION]",
      "",
      "MOMENT is connect, ehlo, mail, rcpt, data, body, end, rset, noop or quit. A star in a",
      "PATTERN stands for anything. time is the how manieth time moment and patterns fit, with",
      "per=to or per=from counted for each recipient or sender apart.",
      "ACTION is a reply, in which \\n begins another line; say TEXT, which sends TEXT as it is;",
      "close, reset or silence; or nothing, for the ordinary reply.",
      "",
      "  rcpt to=bob@* time=1      450 4.2.1 not this time",
      "  rcpt to=*@gone.test       550 5.1.1 no such user",
      "  rcpt time=1-2 per=to      451 4.7.1 greylisted",
      "  end  every=10             wait 5s 451 4.3.0 not now",
      "  body from=*@torn.test     reset",
      "",
      "Exit codes: 0 success, 64 usage, 65 a script that says nothing, 74 a port or a file."
    })
final class SinkCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 100;
  private static final JsonFactory JSON = new JsonFactory();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:2600",
      converter = SocketAddresses.class,
      description = "Where to listen; port 0 takes a free one.")
  private InetSocketAddress listen = new InetSocketAddress(0);

  @Option(names = "--reply", paramLabel = "FILE", description = "A script of replies.")
  private @Nullable Path reply;

  @Option(names = "--maildir", paramLabel = "DIR", description = "Keep mails in this Maildir.")
  private @Nullable Path maildir;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "End after so many mails; 0 for no such limit.")
  private long count;

  @Option(
      names = "--time",
      paramLabel = "TIME",
      defaultValue = "0s",
      description = "End after so long; 0 for no such limit.")
  private Duration time = Duration.ZERO;

  @Option(names = "--json", description = "Print JSON objects, one a line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification of a command");
    }
    if (count < 0) {
      throw new ParameterException(spec.commandLine(), "--count: 0 or more");
    }
    var out = spec.commandLine().getOut();
    var script = reply == null ? Script.ordinary() : Script.read(reply);
    var store = maildir == null ? MailStore.none() : MaildirStore.open(maildir);
    var end = new CountDownLatch(1);
    var printed = new CountDownLatch(1);
    try (var receiver = Receiver.start(listen, script, store)) {
      say(out, receiver.address());
      var hook = Thread.ofPlatform().unstarted(() -> endByHand(end, printed));
      Runtime.getRuntime().addShutdownHook(hook);
      await(receiver, end);
      sum(out, receiver.counts());
      printed.countDown();
      if (end.getCount() > 0) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
    return ExitCode.OK;
  }

  /** At Ctrl-C: lets the command print its sum. */
  private static void endByHand(CountDownLatch end, CountDownLatch printed) {
    end.countDown();
    try {
      boolean _ = printed.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException impatient) {
      Thread.currentThread().interrupt();
    }
  }

  private void await(Receiver receiver, CountDownLatch end) throws InterruptedException {
    long startNanos = System.nanoTime();
    var progress = Progress.onStandardError();
    while (!end.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      var counts = receiver.counts();
      boolean over = time.isPositive() && System.nanoTime() - startNanos >= time.toNanos();
      if (over || (count > 0 && counts.mails() >= count)) {
        break;
      }
      progress.show(
          () -> "%d mails, %d connections".formatted(counts.mails(), counts.connections()));
    }
    progress.end();
  }

  private void say(PrintWriter out, InetSocketAddress address) {
    var text = SocketAddresses.text(address);
    out.println(json ? object("listening", text) : "sink listens on " + text);
    out.flush();
  }

  private static String object(String name, String value) {
    var text = new StringWriter();
    try (var object = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      object.writeStartObject();
      object.writeStringProperty(name, value);
      object.writeEndObject();
    }
    return text.toString();
  }

  private void sum(PrintWriter out, ReceiverCounts counts) {
    if (json) {
      out.println(json(counts));
    } else {
      out.println(
          "took "
              + SendReport.plural(counts.mails(), "mail")
              + " for "
              + SendReport.plural(counts.recipients(), "recipient")
              + ", "
              + SendReport.plural(counts.bytes(), "byte")
              + ", over "
              + SendReport.plural(counts.connections(), "connection"));
      counts.byScript().forEach((what, times) -> out.println("by script: " + what + ", " + times));
    }
    out.flush();
  }

  private static String json(ReceiverCounts counts) {
    var text = new StringWriter();
    try (var object = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      object.writeStartObject();
      object.writeNumberProperty("mails", counts.mails());
      object.writeNumberProperty("recipients", counts.recipients());
      object.writeNumberProperty("bytes", counts.bytes());
      object.writeNumberProperty("connections", counts.connections());
      object.writeObjectPropertyStart("by_script");
      counts.byScript().forEach((what, times) -> object.writeNumberProperty(what, times.sum()));
      object.writeEndObject();
      object.writeEndObject();
    }
    return text.toString();
  }
}
