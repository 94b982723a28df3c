package org.flywheelmta.main;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Prints where a bug happened, for the report that people send us. */
final class Trace {
  private static final int MAX_CAUSES = 10;

  private Trace() {}

  static void print(Throwable fault, PrintWriter out) {
    @Nullable Throwable current = fault;
    for (int i = 0; current != null && i < MAX_CAUSES; i++) {
      out.println((i == 0 ? "" : "caused by ") + current);
      for (var frame : current.getStackTrace()) {
        out.println("\tat " + frame);
      }
      current = current.getCause();
    }
    out.flush();
  }
}
