package org.flywheelmta.main;

import java.io.PrintWriter;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.event.OperatorOutput;

/** The operator log on the terminal that the server was started from. */
@SingleThreadSafe
final class PrinterOutput implements OperatorOutput {
  private final PrintWriter printer;

  PrinterOutput(PrintWriter printer) {
    this.printer = printer;
  }

  @Override
  public void write(String lines) {
    printer.print(lines);
    printer.flush();
  }

  @Override
  public void close() {
    printer.flush();
  }
}
