package org.flywheelmta.clients;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Shows how far long work has come: on a terminal one line that renews itself, elsewhere a line
 * every few seconds. For one thread.
 */
public final class Progress {
  private static final long TERMINAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int WIDTH = 110;

  private final PrintStream out;
  private final boolean terminal;
  private final long startNanos = System.nanoTime();
  private long lastNanos = startNanos;

  private Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** On standard error, so that standard output holds the verdict alone. */
  @SuppressWarnings("SystemConsoleNull") // Its contract still allows null, and NullAway reads it.
  public static Progress onStandardError() {
    var console = System.console();
    return new Progress(System.err, console != null && console.isTerminal());
  }

  /** Without a terminal. */
  public static Progress on(PrintStream out) {
    return new Progress(out, false);
  }

  /** Shows {@code line} where it is time for one. */
  public void show(Supplier<String> line) {
    long now = System.nanoTime();
    if (now - lastNanos >= (terminal ? TERMINAL_NANOS : PLAIN_NANOS)) {
      lastNanos = now;
      String text = "%5.1f s  %s".formatted((now - startNanos) / 1e9, line.get());
      if (terminal) {
        out.print("\r" + pad(text));
        out.flush();
      } else {
        out.println(text);
      }
    }
  }

  /** A line that stays. */
  public void say(String line) {
    out.println(terminal ? "\r" + pad(line) : line);
  }

  /** Leaves no line that would have been renewed. */
  public void end() {
    if (terminal && lastNanos != startNanos) {
      out.print("\r" + pad("") + "\r");
      out.flush();
    }
  }

  private static String pad(String text) {
    return text + " ".repeat(Math.max(0, WIDTH - text.length()));
  }
}
