package org.flywheelmta.house;

import java.util.Comparator;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/** Runs the guards of the house before all else, the search for leaks after it, by name between. */
public final class HouseFirst implements ClassOrderer {
  @Override
  public void orderClasses(ClassOrdererContext context) {
    context
        .getClassDescriptors()
        .sort(Comparator.comparingInt(HouseFirst::rank).thenComparing(HouseFirst::name));
  }

  private static int rank(ClassDescriptor test) {
    if (test.getTestClass().equals(LeaksTest.class)) {
      return 2;
    }
    return test.getTestClass().getPackage().equals(HouseFirst.class.getPackage()) ? 0 : 1;
  }

  private static String name(ClassDescriptor test) {
    return test.getTestClass().getName();
  }
}
