package org.flywheelmta.torture;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.clients.Progress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Sends mails to a server and keeps a ledger of them.",
      "Exit code 0 when every mail was acknowledged."
    })
final class GenerateCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 200;

  @Spec @Nullable CommandSpec spec;

  @Option(names = "--server", paramLabel = "HOST:PORT", description = "Where to send.")
  String server = "127.0.0.1:2525";

  @Option(
      names = "--ledger",
      paramLabel = "FILE",
      description = "Where to keep the ledger; an old one is continued.")
  Path ledgerFile = Path.of(History.LEDGER);

  @Option(names = "--seed", paramLabel = "N", description = "Repeats the mails of an earlier run.")
  @Nullable Long seed;

  @Mixin LoadOptions load = new LoadOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = LoadOptions.seed(seed);
    var wanted = load.load(chosen, false);
    var progress = Progress.onStandardError();
    try (var ledger = Ledger.open(ledgerFile)) {
      var generator = Generator.start(address(spec, server), wanted, ledger);
      while (!generator.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        progress.show(() -> generator.counts().line());
      }
      var counts = generator.counts();
      System.out.println(counts.line() + "  seed " + chosen);
      boolean all = counts.refused() + counts.unknown() + counts.unsent() == 0;
      return all && counts.acknowledged() > 0 ? 0 : Main.BAD;
    }
  }

  /** A host and a port; the host may be an IPv6 address in brackets. */
  static InetSocketAddress address(@Nullable CommandSpec spec, String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        return new InetSocketAddress(text.substring(0, colon), port);
      } catch (IllegalArgumentException e) {
        // Falls through to the sentence below.
      }
    }
    throw LoadOptions.usage(spec, "'" + text + "' is not HOST:PORT");
  }
}
