package org.flywheelmta.scheduler;

import java.util.List;
import java.util.Locale;

/**
 * The I/O engines that a run of the tests is about: the one place from which tests of real sockets
 * take theirs. {@code ./flywheel test --engine NAME} names one by the system property {@value
 * #PROPERTY}; without it tests that run once take the default of the machine, and those that run
 * over engines take all that it has.
 */
public final class Engines {
  static final String PROPERTY = "flywheel.engine";

  private static final String AUTO = "auto";

  private Engines() {}

  /** The engine for a test that runs once. */
  public static IoEngine chosen() {
    var name = System.getProperty(PROPERTY, AUTO);
    return name.equals(AUTO) ? IoEngine.auto() : named(name);
  }

  /** The engines for a test that runs over engines. */
  public static List<IoEngine> underTest() {
    var name = System.getProperty(PROPERTY, AUTO);
    return name.equals(AUTO) ? IoEngine.available() : List.of(named(name));
  }

  private static IoEngine named(String name) {
    var engine = IoEngine.valueOf(name.toUpperCase(Locale.ROOT));
    var lack = engine.lack();
    if (lack != null) {
      throw new IllegalStateException("this machine does not have " + engine + ": " + lack);
    }
    return engine;
  }
}
