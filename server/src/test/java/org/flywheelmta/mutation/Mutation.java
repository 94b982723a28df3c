package org.flywheelmta.mutation;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;

/**
 * A seeded defect.
 *
 * @param name of the defect
 * @param breaks what does not hold with it, half a sentence
 * @param type binary name of the class, below {@code org.flywheelmta}
 * @param method in which the change is; every one of that name is looked through
 * @param edit the change, whose instruction must be there exactly once
 * @param scenario that must find it
 */
record Mutation(
    String name, String breaks, String type, String method, Edit edit, Scenario scenario) {
  static final String ROOT = "org.flywheelmta.";

  /** What a server is run through. */
  enum Scenario {
    /** Many mails, one gateway, power cuts. */
    HARD("SimulationTest", "main.SimTrial"),
    /** Few mails, many domains, twenty-four hours. */
    DAY("DayTest", "main.DayTrial");

    private final String test;
    private final String trial;

    Scenario(String test, String trial) {
      this.test = test;
      this.trial = trial;
    }

    /** The test that runs it. */
    String test() {
      return test;
    }

    /** The class that runs one seed of it. */
    String trial() {
      return ROOT + trial;
    }
  }

  /** One that the hard scenario must find. */
  Mutation(String name, String breaks, String type, String method, Edit edit) {
    this(name, breaks, type, method, edit, Scenario.HARD);
  }

  String className() {
    return ROOT + type;
  }

  /** The place as the table has it. */
  String place() {
    return type + "." + method;
  }

  /**
   * The class with the defect.
   *
   * @throws IllegalStateException when the place is not there exactly once
   */
  byte[] apply(byte[] good) {
    CodeTransform change =
        (code, element) -> {
          if (edit.matches().test(element)) {
            edit.replace().accept(code, element);
          } else {
            code.with(element);
          }
        };
    ClassModel model = ClassFile.of().parse(good);
    long places =
        model.methods().stream()
            .filter(m -> m.methodName().equalsString(method))
            .flatMap(m -> m.code().stream())
            .flatMap(code -> code.elementStream())
            .filter(edit.matches())
            .count();
    if (places != 1) {
      throw new IllegalStateException(
          "mutation " + name + " finds its place in " + place() + " " + places + " times");
    }
    return ClassFile.of()
        .transformClass(
            model,
            ClassTransform.transformingMethodBodies(
                m -> m.methodName().equalsString(method), change));
  }
}
