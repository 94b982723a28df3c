package org.flywheelmta.house;

import java.util.Comparator;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/** Runs the guards of the house before all else, and everything in the order of its name. */
public final class HouseFirst implements ClassOrderer {
  @Override
  public void orderClasses(ClassOrdererContext context) {
    context
        .getClassDescriptors()
        .sort(Comparator.comparing(HouseFirst::isOther).thenComparing(HouseFirst::name));
  }

  private static boolean isOther(ClassDescriptor test) {
    return !test.getTestClass().getPackage().equals(HouseFirst.class.getPackage());
  }

  private static String name(ClassDescriptor test) {
    return test.getTestClass().getName();
  }
}
