package org.flywheelmta.event;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;

/**
 * Leads the warnings and errors of Netty, and of whatever else logs through {@code
 * java.util.logging}, to the operator log. Everything below a warning is switched off at its
 * source.
 */
@ConcurrentThreadSafe
public final class NettyLog extends Handler {
  private final OperatorLog operator;
  private final SimpleFormatter formatter = new SimpleFormatter();

  NettyLog(OperatorLog operator) {
    this.operator = operator;
    setLevel(Level.WARNING);
  }

  /**
   * Takes over the whole process's {@code java.util.logging}, and Netty's loggers with it. Called
   * once at start, before the first class of Netty is used.
   */
  public static void install(OperatorLog operator) {
    LogManager.getLogManager().reset();
    var root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    root.addHandler(new NettyLog(operator));
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
  }

  @Override
  public void publish(LogRecord line) {
    if (!isLoggable(line)) {
      return;
    }
    var text = new StringBuilder();
    var source = line.getLoggerName();
    if (source != null && !source.isEmpty()) {
      text.append(source.substring(source.lastIndexOf('.') + 1)).append(": ");
    }
    text.append(formatter.formatMessage(line));
    // The causes say what happened; where in the code it did is of no use to an operator.
    int causes = 0;
    for (var thrown = line.getThrown(); thrown != null && causes < 4; thrown = thrown.getCause()) {
      text.append(": ").append(thrown);
      causes++;
    }
    boolean error = line.getLevel().intValue() >= Level.SEVERE.intValue();
    operator.write(error ? OperatorLog.Level.ERROR : OperatorLog.Level.WARNING, text.toString());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
