package org.flywheelmta.scheduler;

/** The I/O engine that was chosen gives no loop: the machine lacks it, or what a loop takes. */
public final class EngineFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EngineFailure(IoEngine engine, Throwable cause) {
    super(engine + " gives no event loop: " + IoEngine.reason(cause), cause);
  }
}
