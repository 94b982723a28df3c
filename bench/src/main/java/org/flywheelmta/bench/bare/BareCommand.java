package org.flywheelmta.bench.bare;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code flywheel bench bare}: runs the bare loop until it is ended. For one thread.
 */
@Command(
    name = "bare",
    hidden = true,
    description = {
      "The floor: takes mail, forces it to a file and forwards it, and does nothing else.",
      "Without --forward it lets mail go once that is forced.",
      "It is no mail server: what it has not forwarded when it ends is lost."
    },
    mixinStandardHelpOptions = true)
public final class BareCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:0",
      description = "Where to take mail; port 0: one that is free.")
  String listen = "";

  @Option(
      names = "--forward",
      paramLabel = "HOST:PORT",
      description = "The server that gets the mail.")
  @Nullable String forward;

  @Option(
      names = "--file",
      paramLabel = "PATH",
      required = true,
      description = "The file that mail is forced to; it is overwritten.")
  Path file = Path.of("");

  @Override
  public Integer call() throws IOException, InterruptedException {
    var from = address(listen);
    var to = forward == null ? null : address(forward);
    try (var running = BareLoop.start(from, to, Blocks.create(file, Limits.FILE))) {
      System.err.println("bare: what is not forwarded when this process ends is lost");
      System.out.println("ready " + running.address().getPort());
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private InetSocketAddress address(String words) {
    int colon = words.lastIndexOf(':');
    try {
      return new InetSocketAddress(
          words.substring(0, Math.max(0, colon)), Integer.parseInt(words.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(
          spec.commandLine(), "'" + words + "' is not an address with a port", e);
    }
  }
}
