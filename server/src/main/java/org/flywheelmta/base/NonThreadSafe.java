package org.flywheelmta.base;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Only the thread on which the object was made may use it: for most such objects, the scheduler
 * that owns them.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface NonThreadSafe {
  /**
   * True where every public method begins with the check of the owning scheduler; a test reads the
   * class file and holds the type to it.
   */
  boolean checked() default false;
}
