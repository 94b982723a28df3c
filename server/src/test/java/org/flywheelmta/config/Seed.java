package org.flywheelmta.config;

/** The seed of a test that draws numbers, and how to run it again with the same. */
record Seed(String test, long number) {
  private static final String PROPERTY = "flywheel.seed";
  private static final long USUAL = 20_260_101;

  static Seed of(String test) {
    return new Seed(test, Long.getLong(PROPERTY, USUAL));
  }

  String replay() {
    return "replay: mvn test -pl server -Dtest=" + test + " -D" + PROPERTY + "=" + number;
  }
}
