package org.flywheelmta.mutation;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Gives a run classes of its own: all of the house, one of them with a defect. Libraries are
 * shared.
 */
final class MutantLoader extends ClassLoader {
  private final String defectiveName;
  private final byte[] defective;

  /**
   * Makes the defective class at once: a place that is not there is no finding of a run.
   *
   * @param mutation the defect; null for none
   * @throws IllegalStateException when the place is not there exactly once
   */
  MutantLoader(@Nullable Mutation mutation) throws ClassNotFoundException {
    super(MutantLoader.class.getClassLoader());
    this.defectiveName = mutation == null ? "" : mutation.className();
    this.defective = mutation == null ? new byte[0] : mutation.apply(bytes(defectiveName));
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(Mutation.ROOT)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      var known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    var bytes = name.equals(defectiveName) ? defective : bytes(name);
    return defineClass(name, bytes, 0, bytes.length);
  }

  static byte[] bytes(String name) throws ClassNotFoundException {
    var path = name.replace('.', '/') + ".class";
    try (var file = MutantLoader.class.getClassLoader().getResourceAsStream(path)) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      return file.readAllBytes();
    } catch (IOException failure) {
      throw new ClassNotFoundException(name, failure);
    }
  }
}
