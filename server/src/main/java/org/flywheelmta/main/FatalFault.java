package org.flywheelmta.main;

import java.io.PrintWriter;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.scheduler.FaultHandler;
import org.jspecify.annotations.Nullable;

/**
 * A bug where nothing may throw: the process ends at once, without touching anything more, and the
 * spool is the recovery.
 */
@ConcurrentThreadSafe
final class FatalFault implements FaultHandler {
  private final PrintWriter err;
  private volatile @Nullable OperatorLog log;

  FatalFault(PrintWriter err) {
    this.err = err;
  }

  void reportTo(OperatorLog operatorLog) {
    log = operatorLog;
  }

  @Override
  public void onFault(Object where, Throwable fault) {
    var open = log;
    if (open != null) {
      open.error("A bug on " + where + " ends the server: " + fault);
    }
    err.println("flywheel: a bug on " + where + " ends the server; please report what follows");
    Trace.print(fault, err);
    Runtime.getRuntime().halt(ExitCode.BUG);
  }
}
